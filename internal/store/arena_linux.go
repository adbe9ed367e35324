package store

/*
#include <malloc.h>

static void share_arena(void) {
#ifdef M_ARENA_MAX // glibc alone has arenas
	mallopt(M_ARENA_MAX, 1);
#endif
}
*/
import "C"

// SQLite allocates in whichever thread runs a statement. Without this the C library gives each thread an arena of its
// own and keeps what was freed in it: a third of what SQLite takes.
func init() { C.share_arena() }
