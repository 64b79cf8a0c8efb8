/*
 * digest/native_name.h - C++, Rust, Swift and Objective-C function names.
 */

#ifndef VEDETTE_DIGEST_NATIVE_NAME_H
#define VEDETTE_DIGEST_NATIVE_NAME_H

#include "util/str.h"

/*
 * The name without return type, arguments, template arguments, compiler's
 * suffixes and hashes (grouping.md §1.6.4).  "void ns::f<int>(int) const" is
 * "ns::f<T>".
 */
struct str native_name(struct arena *a, struct str s);

#endif
