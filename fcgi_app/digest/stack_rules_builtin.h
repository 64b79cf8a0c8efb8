/*
 * digest/stack_rules_builtin.h - the stack-trace rules that every project has.
 */

#ifndef VEDETTE_DIGEST_STACK_RULES_BUILTIN_H
#define VEDETTE_DIGEST_STACK_RULES_BUILTIN_H

extern const char stack_rules_builtin[];

#endif
