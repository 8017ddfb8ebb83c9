/*
 * What Phase-1's TUI needs from the system and QuickJS's own `os` module does not offer: terminals in raw mode that never
 * block, TCP that connects in the background, children with their own terminal, and the free space of a folder.
 *
 * Every function returns a number; a negative one is -errno.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "quickjs.h"

#define ARGUMENTS JSContext *ctx, JSValueConst self, int argc, JSValueConst *argv

static JSValue result(JSContext *ctx, int value)
{
    return JS_NewInt32(ctx, value < 0 ? -errno : value);
}

/* openTerminal(path): a descriptor that is raw, never blocks, and is nobody's controlling terminal. */
static JSValue open_terminal(ARGUMENTS)
{
    const char *path = JS_ToCString(ctx, argv[0]);
    if (!path)
        return JS_EXCEPTION;
    int fd = open(path, O_RDWR | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    JS_FreeCString(ctx, path);
    if (fd < 0)
        return result(ctx, -1);

    struct termios settings;
    if (tcgetattr(fd, &settings) < 0) {
        int reason = errno;
        close(fd);
        errno = reason;
        return result(ctx, -1);
    }
    /* Speed and parity of a serial line stay as they are; CLOCAL: a cable without modem signals is enough. */
    settings.c_iflag &= ~(IGNBRK | BRKINT | PARMRK | ISTRIP | INLCR | IGNCR | ICRNL | IXON);
    settings.c_oflag &= ~OPOST;
    settings.c_lflag &= ~(ECHO | ECHONL | ICANON | ISIG | IEXTEN);
    settings.c_cflag |= CLOCAL | CREAD;
    settings.c_cc[VMIN] = 1;
    settings.c_cc[VTIME] = 0;
    tcsetattr(fd, TCSANOW, &settings);
    return JS_NewInt32(ctx, fd);
}

/*
 * The settings that a shell or a program expects to find, but without IXON: no character may stop a console of /init, and
 * whoever presses Ctrl+S twice for a shell must not find it frozen.
 */
static void make_cooked(int fd)
{
    struct termios settings;
    if (tcgetattr(fd, &settings) < 0)
        return;
    settings.c_iflag |= BRKINT | ICRNL;
    settings.c_iflag &= ~IXON;
    settings.c_oflag |= OPOST | ONLCR;
    settings.c_lflag |= ECHO | ECHOE | ECHOK | ICANON | ISIG | IEXTEN;
    tcsetattr(fd, TCSANOW, &settings);
}

/* closeTerminal(fd): leaves it in cooked mode. */
static JSValue close_terminal(ARGUMENTS)
{
    int32_t fd;
    if (JS_ToInt32(ctx, &fd, argv[0]))
        return JS_EXCEPTION;
    make_cooked(fd);
    return result(ctx, close(fd));
}

/* connect(address, port): a descriptor whose connection may still be under way; writable means decided. */
static JSValue tcp_connect(ARGUMENTS)
{
    struct sockaddr_in peer = { .sin_family = AF_INET };
    int32_t port = 0;
    const char *address = JS_ToCString(ctx, argv[0]);
    if (!address)
        return JS_EXCEPTION;
    int known = inet_pton(AF_INET, address, &peer.sin_addr);
    JS_FreeCString(ctx, address);
    if (JS_ToInt32(ctx, &port, argv[1]))
        return JS_EXCEPTION;
    if (known != 1)
        return JS_NewInt32(ctx, -EINVAL);
    peer.sin_port = htons(port);

    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return result(ctx, -1);
    if (connect(fd, (struct sockaddr *)&peer, sizeof peer) < 0 && errno != EINPROGRESS) {
        int reason = errno;
        close(fd);
        errno = reason;
        return result(ctx, -1);
    }
    return JS_NewInt32(ctx, fd);
}

/* connectionError(fd): 0 once connected, else -errno of the failure. */
static JSValue connection_error(ARGUMENTS)
{
    int32_t fd;
    int reason = 0;
    socklen_t size = sizeof reason;
    if (JS_ToInt32(ctx, &fd, argv[0]))
        return JS_EXCEPTION;
    if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &reason, &size) < 0)
        return result(ctx, -1);
    return JS_NewInt32(ctx, -reason);
}

/* freePort(): a TCP port of the loopback address that nobody uses just now. */
static JSValue free_port(ARGUMENTS)
{
    struct sockaddr_in self_address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t size = sizeof self_address;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return result(ctx, -1);
    int failed = bind(fd, (struct sockaddr *)&self_address, size) < 0 ||
                 getsockname(fd, (struct sockaddr *)&self_address, &size) < 0;
    int reason = errno;
    close(fd);
    errno = reason;
    return result(ctx, failed ? -1 : ntohs(self_address.sin_port));
}

/* freeBytes(folder): as a float, for it may not fit an integer. */
static JSValue free_bytes(ARGUMENTS)
{
    struct statvfs space;
    const char *folder = JS_ToCString(ctx, argv[0]);
    if (!folder)
        return JS_EXCEPTION;
    int failed = statvfs(folder, &space);
    JS_FreeCString(ctx, folder);
    return failed ? result(ctx, -1) : JS_NewFloat64(ctx, (double)space.f_bavail * space.f_frsize);
}

/* randomByte(): 0 to 255. */
static JSValue random_byte(ARGUMENTS)
{
    unsigned char byte;
    /* Early in a boot the pool may not be ready: GRND_INSECURE (4) does not wait for it. */
    if (getrandom(&byte, 1, 4) != 1 && getrandom(&byte, 1, GRND_NONBLOCK) != 1)
        return result(ctx, -1);
    return JS_NewInt32(ctx, byte);
}

/* Runs the program in place of this process. */
static void become(char *const *words, int input, int output)
{
    dup2(input, 0);
    dup2(output, 1);
    dup2(output, 2);
    for (int fd = 3; fd < 256; fd++)
        close(fd);
    execvp(words[0], words);
    const char *message = strerror(errno);
    if (write(2, message, strlen(message)) < 0 || write(2, "\n", 1) < 0)
        _exit(126);
    _exit(127);
}

/*
 * Runs the program with the terminal to itself, and ends as it ends. The program is a child of the one that owns the
 * terminal: an owner that just exits makes the kernel hang up, and a pseudo-terminal does not survive that.
 */
static void become_on_terminal(char *const *words, int terminal)
{
    setsid();
    /* 1: take it even from a session that has it already. */
    ioctl(terminal, TIOCSCTTY, 1);
    make_cooked(terminal);
    signal(SIGTTOU, SIG_IGN);
    pid_t pid = fork();
    if (pid == 0) {
        setpgid(0, 0);
        tcsetpgrp(terminal, getpid());
        signal(SIGTTOU, SIG_DFL);
        become(words, terminal, terminal);
    }
    setpgid(pid, pid);
    tcsetpgrp(terminal, pid);
    int status = 127 << 8;
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    signal(SIGHUP, SIG_IGN);
    tcsetpgrp(terminal, getpid());
    ioctl(terminal, TIOCNOTTY);
    if (WIFSIGNALED(status)) {
        signal(WTERMSIG(status), SIG_DFL);
        kill(getpid(), WTERMSIG(status));
    }
    _exit(WEXITSTATUS(status));
}

/* In the child, after fork: never returns. */
static void run_child(char *const *words, const char *folder, const char *terminal_path, int output)
{
    for (int number = 1; number < NSIG; number++)
        signal(number, SIG_DFL);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    if (folder[0] != '\0' && chdir(folder) < 0)
        _exit(127);
    if (terminal_path[0] == '\0') {
        setsid();
        become(words, open("/dev/null", O_RDONLY), output);
    }
    /* O_NONBLOCK only while opening: a serial line without carrier would wait for it. */
    int terminal = open(terminal_path, O_RDWR | O_NONBLOCK | O_NOCTTY);
    if (terminal < 0)
        _exit(127);
    fcntl(terminal, F_SETFL, fcntl(terminal, F_GETFL) & ~O_NONBLOCK);
    become_on_terminal(words, terminal);
}

/* The strings of a JavaScript array, ended by NULL; free with free_words. */
static char **to_words(JSContext *ctx, JSValueConst array)
{
    uint32_t length = 0;
    JSValue value = JS_GetPropertyStr(ctx, array, "length");
    JS_ToUint32(ctx, &length, value);
    JS_FreeValue(ctx, value);
    char **words = calloc(length + 1, sizeof *words);
    for (uint32_t i = 0; words && i < length; i++) {
        value = JS_GetPropertyUint32(ctx, array, i);
        const char *word = JS_ToCString(ctx, value);
        words[i] = strdup(word ? word : "");
        JS_FreeCString(ctx, word);
        JS_FreeValue(ctx, value);
    }
    return words;
}

static void free_words(char **words)
{
    for (char **word = words; word && *word; word++)
        free(*word);
    free(words);
}

/*
 * spawn(words, folder, terminal path, output descriptor): the process number. With a terminal it is the child's controlling
 * terminal and all three standard descriptors; without ("") input is /dev/null and output the descriptor.
 */
static JSValue spawn(ARGUMENTS)
{
    int32_t output = -1;
    if (JS_ToInt32(ctx, &output, argv[3]))
        return JS_EXCEPTION;
    const char *folder = JS_ToCString(ctx, argv[1]);
    const char *terminal_path = JS_ToCString(ctx, argv[2]);
    char **words = to_words(ctx, argv[0]);
    int pid = -1;
    if (folder && terminal_path && words && words[0]) {
        pid = fork();
        if (pid == 0)
            run_child(words, folder, terminal_path, output);
    }
    int reason = errno;
    free_words(words);
    JS_FreeCString(ctx, folder);
    JS_FreeCString(ctx, terminal_path);
    errno = reason;
    return result(ctx, pid);
}

/* setNonBlocking(fd): for the reading end of a pipe. */
static JSValue set_non_blocking(ARGUMENTS)
{
    int32_t fd;
    if (JS_ToInt32(ctx, &fd, argv[0]))
        return JS_EXCEPTION;
    fcntl(fd, F_SETFD, FD_CLOEXEC);
    return result(ctx, fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK));
}

/* What onRejection was given; lives as long as the process. */
static JSValue rejection_callback = JS_UNDEFINED;

static void on_rejection(JSContext *ctx, JSValueConst promise, JSValueConst reason, JS_BOOL is_handled, void *opaque)
{
    JSValueConst values[] = { promise, reason, JS_NewBool(ctx, is_handled) };
    JS_FreeValue(ctx, JS_Call(ctx, rejection_callback, JS_UNDEFINED, 3, values));
}

/* onRejection(callback): called for each promise that is rejected while nobody looks, and again when somebody does. */
static JSValue set_on_rejection(ARGUMENTS)
{
    rejection_callback = JS_DupValue(ctx, argv[0]);
    JS_SetHostPromiseRejectionTracker(JS_GetRuntime(ctx), on_rejection, NULL);
    return JS_UNDEFINED;
}

static const JSCFunctionListEntry functions[] = {
    JS_CFUNC_DEF("openTerminal", 1, open_terminal),
    JS_CFUNC_DEF("closeTerminal", 1, close_terminal),
    JS_CFUNC_DEF("connect", 2, tcp_connect),
    JS_CFUNC_DEF("connectionError", 1, connection_error),
    JS_CFUNC_DEF("freePort", 0, free_port),
    JS_CFUNC_DEF("freeBytes", 1, free_bytes),
    JS_CFUNC_DEF("randomByte", 0, random_byte),
    JS_CFUNC_DEF("spawn", 4, spawn),
    JS_CFUNC_DEF("setNonBlocking", 1, set_non_blocking),
    JS_CFUNC_DEF("onRejection", 1, set_on_rejection),
};

static int fill(JSContext *ctx, JSModuleDef *module)
{
    return JS_SetModuleExportList(ctx, module, functions, sizeof functions / sizeof *functions);
}

JSModuleDef *js_init_module_native(JSContext *ctx, const char *name)
{
    JSModuleDef *module = JS_NewCModule(ctx, name, fill);
    if (module)
        JS_AddModuleExportList(ctx, module, functions, sizeof functions / sizeof *functions);
    return module;
}
