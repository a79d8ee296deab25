/* Preloaded: the n-th call of a kind in this process fails, or is the last thing it does.

   FAULT is "fdatasync 3 kill", "pwrite64 7 full" (from then on: no space is left) or "fsync 2 broken" (once).
   FAULT_COUNTS names a file for how often each was called. Its children are left alone. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <unistd.h>

enum { SEND, RECV, FDATASYNC, FSYNC, RENAME, UNLINK, PWRITE64, KINDS };
static const char *names[KINDS] = {"send", "recv", "fdatasync", "fsync", "rename", "unlink", "pwrite64"};
static atomic_int calls[KINDS];
static pid_t mine;
static int wanted = -1, number;
static char how[16];

__attribute__((constructor)) static void begin(void) {
    char name[16] = "";
    const char *fault = getenv("FAULT");
    if (getenv("FAULT_PARENT")) return;
    mine = getpid();
    setenv("FAULT_PARENT", "1", 1);
    if (fault && sscanf(fault, "%15s %d %15s", name, &number, how) == 3)
        for (int kind = 0; kind < KINDS; kind++)
            if (!strcmp(name, names[kind])) wanted = kind;
}

__attribute__((destructor)) static void end(void) {
    const char *path = getenv("FAULT_COUNTS");
    FILE *file = path && mine == getpid() ? fopen(path, "w") : NULL;
    if (!file) return;
    for (int kind = 0; kind < KINDS; kind++) fprintf(file, "%s %d\n", names[kind], calls[kind]);
    fclose(file);
}

static int fails(int kind) {
    if (mine != getpid()) return 0;
    int count = ++calls[kind];
    if (kind != wanted || count < number || (count > number && strcmp(how, "full"))) return 0;
    if (!strcmp(how, "kill")) raise(SIGKILL);
    errno = strcmp(how, "full") ? EIO : ENOSPC;
    return 1;
}

#define REAL(name, ...) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))(__VA_ARGS__)

ssize_t send(int fd, const void *data, size_t size, int flags) {
    return fails(SEND) ? -1 : REAL(send, fd, data, size, flags);
}
ssize_t recv(int fd, void *data, size_t size, int flags) { return fails(RECV) ? -1 : REAL(recv, fd, data, size, flags); }
int fdatasync(int fd) { return fails(FDATASYNC) ? -1 : REAL(fdatasync, fd); }
int fsync(int fd) { return fails(FSYNC) ? -1 : REAL(fsync, fd); }
int rename(const char *from, const char *to) { return fails(RENAME) ? -1 : REAL(rename, from, to); }
int unlink(const char *path) { return fails(UNLINK) ? -1 : REAL(unlink, path); }
ssize_t pwrite64(int fd, const void *data, size_t size, off64_t at) {
    return fails(PWRITE64) ? -1 : REAL(pwrite64, fd, data, size, at);
}
