# Vedette.  `./configure` looks at the machine and writes $(BUILD)/config.mk;
# this file does the rest.  `make help` lists what it can do.

BUILD ?= build

all:

# config.mk is remade by the rule below when it is missing or old; targets that
# need no configuration do not ask for it.
ifeq ($(filter clean distclean help,$(MAKECMDGOALS)),)
include $(BUILD)/config.mk
endif

$(BUILD)/config.mk: configure
	BUILD='$(BUILD)' ./configure $(CONFIGURE_ARGS)


# ---- what is built from what

APP_C  := fcgi_app/main.c $(sort $(wildcard fcgi_app/*/*.c))
SQL    := $(sort $(wildcard fcgi_app/model/*.sql))
UNIT_C := $(sort $(wildcard tests/unit/test_*.c))
NGX    := $(sort $(wildcard ngx_module/*)) fcgi_app/queue/message.h

READ_C := $(filter-out fcgi_app/page/metrics.c,$(filter $(addprefix fcgi_app/,alert/% digest/% integration/% \
    model/% page/% sso/% util/zone.c web/%),$(APP_C))) fcgi_app/integration/tracker.h

APP_O  := $(APP_C:%.c=$(BUILD)/%.o) $(BUILD)/gen/db/statements.o \
    $(BUILD)/gen/util/texts.o
UNIT   := $(UNIT_C:%.c=$(BUILD)/%)
BINARY := $(BUILD)/vedette
MODULE := $(BUILD)/ngx_http_vedette_module.so


# ---- how

WARNINGS := -Wall -Wextra -Wpedantic -Wshadow -Wstrict-prototypes \
    -Wmissing-prototypes -Wold-style-definition -Wpointer-arith -Wcast-qual \
    -Wwrite-strings -Wvla -Wundef -Wformat=2 -Wformat-signedness \
    -Wlogical-op -Wduplicated-cond -Wduplicated-branches -Wnull-dereference \
    -Wimplicit-fallthrough

# A warning of a compiler that we have not seen must not stop a user's build.
ifeq ($(CI),true)
WERROR ?= 1
endif
ifneq ($(filter 1 yes true,$(WERROR)),)
WARNINGS += -Werror
endif

CPPFLAGS_ALL := -D_GNU_SOURCE -I fcgi_app -I $(BUILD)/gen -I $(BUILD) \
    $(SYSTEM_INCLUDES) $(CPPFLAGS)
CFLAGS_ALL   := -std=c11 $(MODE_CFLAGS) -fno-common $(CFLAGS)
LDFLAGS_ALL  := $(MODE_LDFLAGS) $(LDFLAGS)

# Rebuild when the flags change, relink when a source file goes: both are
# facts that no file's date tells.  -Werror makes no other program.
remember = $(shell mkdir -p $(BUILD); \
    printf '%s\n' '$(2)' | cmp -s - $(BUILD)/$(1) \
    || printf '%s\n' '$(2)' > $(BUILD)/$(1))
ifeq ($(filter clean distclean help,$(MAKECMDGOALS)),)
$(call remember,flags,$(CC) $(CPPFLAGS_ALL) $(CFLAGS_ALL) $(filter-out -Werror,$(WARNINGS)))
$(call remember,sources,$(LDFLAGS_ALL) $(LIBS) $(APP_C))
$(call remember,statements,$(SQL))
endif


# One short line a file; `make V=1` shows the commands.
ifeq ($(V),1)
say := @:
Q :=
else
say := @printf '  %-4s %s\n'
Q := @
endif


# ---- targets

all: $(BINARY) module ## build the program and the nginx module

$(BINARY): $(APP_O) $(BUILD)/sources
	$(say) LINK $@
	$(Q)$(CC) $(LDFLAGS_ALL) -o $@ $(APP_O) $(LIBS)

$(BUILD)/%.o: %.c $(BUILD)/flags $(BUILD)/config.h | $(BUILD)/gen/db/statements.h
	$(say) CC $<
	@mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS_ALL) $(CFLAGS_ALL) $(WARNINGS) -MMD -MP -c -o $@ $<

# Statements may be longer than the 4095 bytes that C11 promises.
$(BUILD)/gen/db/statements.o: $(BUILD)/gen/db/statements.h $(BUILD)/flags
	$(say) CC $(@:.o=.c)
	$(Q)$(CC) $(CPPFLAGS_ALL) $(CFLAGS_ALL) $(WARNINGS) -Wno-overlength-strings \
	    -MMD -MP -c -o $@ $(BUILD)/gen/db/statements.c

# Written aside first: a broken .sql file leaves the last good pair, and its
# message again at the next make.
$(BUILD)/gen/db/statements.h: fcgi_app/db/statements.awk $(SQL) $(BUILD)/statements
	$(say) SQL '$(words $(SQL)) files of fcgi_app/model'
	@mkdir -p $(@D) $(BUILD)/gen/new
	$(Q)awk -f fcgi_app/db/statements.awk -v out=$(BUILD)/gen/new $(SQL) < /dev/null
	@mv $(BUILD)/gen/new/statements.c $(@D)/statements.c
	@mv $(BUILD)/gen/new/statements.h $@

# What people read in the C files, for `vedette lang`.
$(BUILD)/gen/util/texts.c: fcgi_app/util/texts.awk $(READ_C) $(BUILD)/sources
	@mkdir -p $(@D)
	$(Q)awk -f fcgi_app/util/texts.awk $(READ_C) > $@.new < /dev/null
	@mv $@.new $@

$(BUILD)/gen/util/texts.o: $(BUILD)/gen/util/texts.c $(BUILD)/flags
	$(say) CC $<
	$(Q)$(CC) $(CPPFLAGS_ALL) $(CFLAGS_ALL) $(WARNINGS) -MMD -MP -c -o $@ $<

module: $(if $(wildcard ngx_module/config),$(MODULE),no-module) ## build the nginx module only

no-module:
	@echo 'ngx_module/config is not there yet: no nginx module is built.'

$(MODULE): $(NGX) $(BUILD)/nginx/Makefile
	$(say) NGX $@
	$(Q)BUILD='$(BUILD)' sh fcgi_app/dist/module.sh compile

$(BUILD)/nginx/Makefile: ngx_module/config $(BUILD)/config.mk fcgi_app/dist/module.sh
	$(say) NGX $@
	$(Q)BUILD='$(BUILD)' sh fcgi_app/dist/module.sh configure

dev: ## build, with every warning an error
	$(MAKE) WERROR=1 all

unit: $(UNIT:=.run) ## build and run the C unit tests

$(BUILD)/tests/%: $(BUILD)/tests/%.o $(filter-out $(BUILD)/fcgi_app/main.o,$(APP_O)) $(BUILD)/sources
	$(say) LINK $@
	$(Q)$(CC) $(LDFLAGS_ALL) -o $@ $(filter %.o,$^) -lcmocka $(LIBS)

.SECONDARY: $(UNIT:=.o)
.PHONY: $(UNIT:=.run)
# With UNIT_RESULTS=DIR the results go there, one file a program, for tests/run.
$(UNIT:=.run): %.run: %
ifdef UNIT_RESULTS
	$(say) TEST $<
	@touch $(UNIT_RESULTS)/$(notdir $<).started
	$(Q)CMOCKA_MESSAGE_OUTPUT=xml CMOCKA_XML_FILE=$(UNIT_RESULTS)/$(notdir $<).xml $<
else
	$(Q)$<
endif

# gcc reads the folders that meet hostile bytes path by path; cppcheck reads all.
ANALYZED := $(filter fcgi_app/util/% fcgi_app/json/% fcgi_app/queue/% \
    fcgi_app/envelope/% fcgi_app/db/%,$(APP_C))

lint: $(BUILD)/gen/db/statements.h $(ANALYZED:%=%.lint) ## look for mistakes without running anything
	$(say) LINT 'all of fcgi_app, by cppcheck'
	$(Q)cppcheck --quiet --enable=warning,portability --inline-suppr \
	    --error-exitcode=1 --std=c11 -I fcgi_app -I $(BUILD)/gen -I $(BUILD) \
	    --suppress=missingIncludeSystem fcgi_app

.PHONY: $(ANALYZED:%=%.lint)
$(ANALYZED:%=%.lint): %.lint: | $(BUILD)/gen/db/statements.h
	$(Q)$(CC) $(CPPFLAGS_ALL) -std=c11 -O1 -fanalyzer -Werror -c -o /dev/null $*

check: ## run all tests (TESTS=tests/edge for one suite)
	@BUILD='$(BUILD)' TESTS='$(TESTS)' sh tests/run

# A newcomer's first make is this one: all cores build.
JOBS = $(if $(findstring jobserver,$(MAKEFLAGS)),,-j$(shell nproc 2>/dev/null || echo 2))

run: ## run a whole Vedette in var/ (PORT=8000, VEDETTE_DATA=var)
	@$(MAKE) --no-print-directory $(if $(V),,-s) $(JOBS) all
	@BUILD='$(BUILD)' VEDETTE_PORT='$(or $(PORT),$(VEDETTE_PORT))' \
	    VEDETTE_DATA='$(VEDETTE_DATA)' sh fcgi_app/dist/run.sh

# Root need not be able to build, nor leave files of its own in the checkout.
install: ## put everything into its place (DESTDIR, configure --prefix)
	@BUILD='$(BUILD)' DESTDIR='$(DESTDIR)' sh fcgi_app/dist/install.sh install

uninstall: ## remove it again, but for the configuration
	@BUILD='$(BUILD)' DESTDIR='$(DESTDIR)' sh fcgi_app/dist/install.sh uninstall

clean: ## remove what make has made, keep the configuration
	rm -rf $(BUILD)/fcgi_app $(BUILD)/tests $(BUILD)/gen \
	    $(BUILD)/nginx $(BUILD)/nginx-src \
	    $(BINARY) $(MODULE)

distclean: ## remove the build directory
	rm -rf $(BUILD)

help: ## list what make can do
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { sub(/:.*/, "", $$1); printf "  make %-10s %s\n", $$1, $$2 }' Makefile

.PHONY: all module no-module dev unit lint check run install uninstall clean distclean help

-include $(APP_O:.o=.d) $(UNIT:=.d)
