# process.mk - the helper of the tests about process life.
TEST_PROGRAMS += $(BUILD)/process/give

$(BUILD)/process/give: tests/process/give.c
	@mkdir -p $(@D)
	$(Q)$(CC) $(STANDARD) $(WARNINGS) $(CFLAGS) -o $@ $<
