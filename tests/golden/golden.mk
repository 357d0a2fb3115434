# golden.mk - the golden files of the compiler's passes.

GOLDEN_OBJECTS = $(filter-out $(BUILD)/obj/compiler/driver/%,$(COMPILER_OBJECTS))

$(BUILD)/golden/dump: tests/golden/dump.c $(COMPILER_OBJECTS)
	@mkdir -p $(@D)
	$(Q)$(COMPILE) -I. -o $@ $< $(GOLDEN_OBJECTS) $(LDFLAGS) $(COMPILER_LIBS)

.PHONY: golden-update
golden-update: all $(BUILD)/golden/dump ## write the golden files and expected messages anew
	BUILD='$(abspath $(BUILD))' TOP='$(CURDIR)' sh tests/golden/run.sh --update
	BUILD='$(abspath $(BUILD))' TOP='$(CURDIR)' sh tests/errors/run.sh --update
