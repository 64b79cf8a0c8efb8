/*
 * page/file.h - bytes that strangers sent, in a browser.
 *
 * What a file is, its bytes say and not its sender: only pictures of four kinds
 * are ever shown as such, text only as text of our own page, and anything else
 * is there to be saved.
 */

#ifndef VEDETTE_PAGE_FILE_H
#define VEDETTE_PAGE_FILE_H

#include "model/attachment.h"
#include "web/http.h"

#define FILE_TEXT_MAX (64 * 1024) /* bytes of text that a page shows */

enum file_kind { FILE_OTHER, FILE_IMAGE, FILE_TEXT };

/* *type: that of an image. */
enum file_kind file_kind_of(struct str bytes, const char **type);

/* Fills a row: id, name, size, at, type, link, raw, image. */
void file_row(const struct request *rq, struct data *row, struct str project,
              const struct attachment *at);

#endif
