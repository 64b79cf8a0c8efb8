#include "page/platforms.h"

#include "web/platform.h"


void
platforms_fill(struct response *rs, struct str chosen)
{
    struct data *list = data_child(rs->data, "Platforms");

    for (size_t i = 0; i < platforms_count; i++) {
        bool same = str_is(chosen, platforms[i].id);

        if (platforms[i].offered || same) {
            struct data *row = data_row(list);

            data_text(row, "id", platforms[i].id);
            platform_fill(row, str_of(platforms[i].id));
            data_bool(row, "chosen", same);
        }
    }
}
