/*
 * The map knows every country by its code.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "web/world.h"


static void
every_country_is_found_and_drawn(void **state)
{
    (void) state;
    assert_true(ncountries > 240);
    for (size_t i = 0; i < ncountries; i++) {
        assert_ptr_equal(country_find(str_of(countries[i].code)),
                         &countries[i]);
    }
    assert_null(country_find(STR("")));
    assert_null(country_find(STR("ZZ")));
    assert_null(country_find(STR("de")));
    assert_string_equal(country_find(STR("DE"))->name, "Germany");
    /* small ones have a dot too */
    assert_true(strlen(country_find(STR("SG"))->dots) > 0);
}


int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_country_is_found_and_drawn),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
