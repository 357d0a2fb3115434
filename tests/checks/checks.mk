# checks.mk - the servers that are checked.
TEST_PROGRAMS += $(BUILD)/checks/scripted

$(BUILD)/checks/scripted: tests/checks/scripted.c
	@mkdir -p $(@D)
	$(Q)$(CC) $(STANDARD) $(WARNINGS) $(CFLAGS) -pthread -o $@ $< $(LDFLAGS)
