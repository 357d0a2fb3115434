/*
 * The shared objects that this process has loaded (-dL).
 */
#ifndef PX_LIBRARIES_H
#define PX_LIBRARIES_H

/* One a line on standard output, the program itself first. */
void px_show_libraries(void);

#endif
