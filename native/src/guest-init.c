// SPDX-License-Identifier: GPL-2.0-only
/*
 * PID 1 of the guest: makes the host's read-only root usable, runs one command with
 * its input and output carried over virtio ports, looks at what the kernel says of
 * itself when the command has ended, writes the verdict, and ends the machine.
 */
#define _GNU_SOURCE
#include <linux/random.h>
#include <net/if.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>

#include "guest-mounts.h"
#include "guest-ports.h"

/* kmemleak reports no object younger than five seconds (mm/kmemleak.c, MSECS_MIN_AGE). */
#define LEAK_AGE_SECONDS 5
#define LEAK_TEXT_MAX (64 << 10)

/* More than the kernel keeps stacks of dead tasks for new ones (two for each processor). */
#define STACKS_REUSED 40

#define STATUS_NOT_RUN 126
#define STATUS_NOT_FOUND 127

struct job {
	char **arguments;
	char **environment;
	const char *directory;
	struct places places;
	struct winsize window;
	bool terminal;
	bool check_leaks;
};

struct ports {
	int command, input, output, error, verdict;
};

/* Bytes on their way from one descriptor to another; −1 where an end is closed. */
struct channel {
	int from, to;
	bool framed; /* from is a port with INPUT frames */
	char *data;
	size_t length, sent;
	uint64_t total;
};

struct command {
	pid_t pid;
	int status;
	bool ended;
	int terminal; /* the pty's master, or −1 */
	struct channel input, output, error;
};

static void append(char ***list, char *item)
{
	size_t count = 0;

	while (*list != NULL && (*list)[count] != NULL)
		count++;
	*list = realloc(*list, (count + 2) * sizeof(char *));
	if (*list == NULL)
		die("no memory for the job");
	(*list)[count] = item;
	(*list)[count + 1] = NULL;
}

static struct winsize window_size(const struct frame *frame)
{
	const unsigned char *size = (const unsigned char *)frame->payload;

	if (frame->length != 4)
		die("a window size of %u bytes instead of 4", frame->length);
	return (struct winsize){
		.ws_row = size[0] | size[1] << 8,
		.ws_col = size[2] | size[3] << 8,
	};
}

/*
 * A machine without devices gathers entropy for ten seconds before getrandom() returns,
 * which node and python call when they start. The host has some.
 */
static void seed_random(const struct frame *seed)
{
	int fd = open("/dev/urandom", O_WRONLY | O_CLOEXEC);
	struct rand_pool_info *pool = malloc(sizeof(*pool) + seed->length);

	if (pool == NULL)
		die("no memory for a seed");
	pool->entropy_count = seed->length * 8;
	pool->buf_size = seed->length;
	memcpy(pool->buf, seed->payload, seed->length);
	if (ioctl(fd, RNDADDENTROPY, pool) < 0)
		log_line("can't seed the random number generator");
	free(pool);
	close(fd);
}

static struct job read_job(int port)
{
	struct job job = { .directory = "/" };

	for (;;) {
		struct frame frame = read_frame(port);

		switch (frame.type) {
		case FRAME_ARGUMENT:
			append(&job.arguments, frame.payload);
			break;
		case FRAME_ENVIRONMENT:
			append(&job.environment, frame.payload);
			break;
		case FRAME_DIRECTORY:
			job.directory = frame.payload;
			break;
		case FRAME_HOME:
			add_home(&job.places, frame.payload);
			break;
		case FRAME_KEEP_VISIBLE:
			add_kept(&job.places, frame.payload);
			break;
		case FRAME_RANDOM:
			seed_random(&frame);
			break;
		case FRAME_TERMINAL:
			job.terminal = true;
			job.window = window_size(&frame);
			break;
		case FRAME_CHECK_LEAKS:
			job.check_leaks = true;
			break;
		case FRAME_START:
			if (job.arguments == NULL)
				die("a job without a command");
			return job;
		default:
			die("frame '%c' in a job", frame.type);
		}
	}
}

/* What a distribution's init would have done before the first program runs. */
static void set_up_system(int verdict_port)
{
	struct ifreq loopback = { .ifr_name = "lo", .ifr_flags = IFF_UP };
	struct rlimit files = { .rlim_cur = 1024, .rlim_max = 1 << 20 };
	int control = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (control >= 0 && ioctl(control, SIOCSIFFLAGS, &loopback) < 0)
		complain(verdict_port, "can't bring lo up: %s", strerror(errno));
	if (control >= 0)
		close(control);
	if (sethostname("fastipc", strlen("fastipc")) < 0)
		complain(verdict_port, "can't set the host name: %s", strerror(errno));
	if (setrlimit(RLIMIT_NOFILE, &files) < 0)
		complain(verdict_port, "can't raise RLIMIT_NOFILE: %s", strerror(errno));
	umask(022);
}

static unsigned long tainted(void)
{
	char text[32];

	return strtoul(read_text("/proc/sys/kernel/tainted", text, sizeof(text)), NULL, 10);
}

/* In the child: becomes the command, or says why not where the command would have. */
static _Noreturn void execute(const struct job *job, const int descriptors[3])
{
	sigset_t none;

	setsid();
	for (int fd = 0; fd < 3; fd++)
		dup2(descriptors[fd], fd);
	if (job->terminal)
		ioctl(0, TIOCSCTTY, 0);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_DFL);
	if (chdir(job->directory) < 0) {
		dprintf(2, "fastipc: the guest can't enter %s: %s\n", job->directory,
			strerror(errno));
		_exit(STATUS_NOT_RUN);
	}
	environ = job->environment;
	execvp(job->arguments[0], job->arguments);
	dprintf(2, "fastipc: the guest can't run %s: %s\n", job->arguments[0], strerror(errno));
	_exit(errno == ENOENT ? STATUS_NOT_FOUND : STATUS_NOT_RUN);
}

static void set_nonblocking(int fd)
{
	fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
}

static struct channel make_channel(int from, int to, bool framed)
{
	struct channel channel = { .from = from, .to = to, .framed = framed };

	channel.data = malloc(framed ? 1 : PIPE_BUF * 8);
	if (channel.data == NULL)
		die("no memory for a channel");
	return channel;
}

static void start_on_terminal(struct command *command, const struct job *job,
			      const struct ports *ports)
{
	int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC), terminal = -1;

	if (master >= 0 && unlockpt(master) == 0)
		terminal = open(ptsname(master), O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (terminal < 0 || ioctl(master, TIOCSWINSZ, &job->window) < 0)
		die("can't make a terminal: %s", strerror(errno));
	command->pid = fork();
	if (command->pid == 0)
		execute(job, (int[3]){ terminal, terminal, terminal });
	close(terminal);
	set_nonblocking(master);
	command->terminal = master;
	command->input = make_channel(ports->input, master, true);
	command->output = make_channel(master, ports->output, false);
	command->error = make_channel(-1, ports->error, false);
}

static void start_on_pipes(struct command *command, const struct job *job,
			   const struct ports *ports)
{
	int in[2], out[2], err[2];

	if (pipe2(in, O_CLOEXEC) < 0 || pipe2(out, O_CLOEXEC) < 0 || pipe2(err, O_CLOEXEC) < 0)
		die("can't make pipes: %s", strerror(errno));
	command->pid = fork();
	if (command->pid == 0)
		execute(job, (int[3]){ in[0], out[1], err[1] });
	close(in[0]);
	close(out[1]);
	close(err[1]);
	set_nonblocking(in[1]);
	set_nonblocking(out[0]);
	set_nonblocking(err[0]);
	command->terminal = -1;
	command->input = make_channel(ports->input, in[1], true);
	command->output = make_channel(out[0], ports->output, false);
	command->error = make_channel(err[0], ports->error, false);
}

static void close_input(struct channel *input, int terminal)
{
	/* A terminal's end of input is a character; its master must stay for the output. */
	if (terminal >= 0)
		write_all(terminal, "\004", 1);
	else
		close(input->to);
	input->from = -1;
	input->to = -1;
}

/* Takes the next bytes in. Returns false if there are none now, or never again. */
static bool fill(struct channel *channel, int terminal)
{
	ssize_t got;

	channel->sent = 0;
	if (channel->framed) {
		struct frame frame = read_frame(channel->from);

		if (frame.type != FRAME_INPUT)
			die("frame '%c' on the port for input", frame.type);
		free(channel->data);
		channel->data = frame.payload;
		channel->length = frame.length;
		if (frame.length == 0)
			close_input(channel, terminal);
		return frame.length > 0;
	}
	got = read(channel->from, channel->data, PIPE_BUF * 8);
	channel->length = got > 0 ? got : 0;
	/* A pty's master reads EIO when nobody has the terminal open any more. */
	if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR))
		channel->from = -1;
	return got > 0;
}

static void flush(struct channel *channel, int terminal)
{
	ssize_t written =
		write(channel->to, channel->data + channel->sent, channel->length - channel->sent);

	if (written >= 0) {
		channel->sent += written;
		channel->total += written;
	} else if (channel->framed && errno != EAGAIN && errno != EINTR) {
		/* The command reads no more: what is left has no reader. */
		channel->sent = channel->length;
		close_input(channel, terminal);
	} else if (errno != EAGAIN && errno != EINTR) {
		die("write to the host: %s", strerror(errno));
	}
}

static bool is_pending(const struct channel *channel)
{
	return channel->sent < channel->length;
}

static struct pollfd interest(const struct channel *channel)
{
	if (is_pending(channel))
		return (struct pollfd){ .fd = channel->to, .events = POLLOUT };
	return (struct pollfd){ .fd = channel->from, .events = POLLIN };
}

static void serve(struct channel *channel, const struct pollfd *state, int terminal)
{
	if (state->revents == 0)
		return;
	if (is_pending(channel) || fill(channel, terminal))
		flush(channel, terminal);
}

/* Reaps whatever has died, orphans too, and notes the command's end. */
static void reap(struct command *command)
{
	pid_t pid;
	int status;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		if (pid == command->pid) {
			command->status = status;
			command->ended = true;
		}
	}
}

static void follow_host(const struct command *command, int port)
{
	struct frame frame = read_frame(port);
	struct winsize window;

	if (frame.type != FRAME_TERMINAL)
		die("frame '%c' while the command runs", frame.type);
	window = window_size(&frame);
	if (command->terminal >= 0)
		ioctl(command->terminal, TIOCSWINSZ, &window);
	free(frame.payload);
}

static void attend(struct command *command, const struct ports *ports, int child_signals)
{
	while (!command->ended) {
		struct pollfd states[] = {
			{ .fd = child_signals, .events = POLLIN },
			{ .fd = ports->command, .events = POLLIN },
			interest(&command->input),
			interest(&command->output),
			interest(&command->error),
		};
		struct signalfd_siginfo signal_info;

		if (poll(states, sizeof(states) / sizeof(states[0]), -1) < 0)
			continue;
		if (states[1].revents)
			follow_host(command, ports->command);
		serve(&command->input, &states[2], command->terminal);
		serve(&command->output, &states[3], command->terminal);
		serve(&command->error, &states[4], command->terminal);
		if (states[0].revents && read(child_signals, &signal_info, sizeof(signal_info)) > 0)
			reap(command);
	}
}

/*
 * What the command left running ends with it, so that its end is checked too. A task
 * that can't be killed shows up as a hung one; don't wait for it for ever.
 */
static void end_others(void)
{
	kill(-1, SIGKILL);
	for (int milliseconds = 0; milliseconds < 5000; milliseconds++) {
		pid_t pid;

		while ((pid = waitpid(-1, NULL, WNOHANG)) > 0)
			;
		if (pid < 0)
			return;
		usleep(1000);
	}
	log_line("a process survived SIGKILL for five seconds");
}

static void drain(struct channel *channel)
{
	/* Ports in blocking mode wait for the host to take what was written. */
	while (is_pending(channel) || (channel->from >= 0 && fill(channel, -1)))
		flush(channel, -1);
}

static void scan_for_leaks(void)
{
	int fd = open("/sys/kernel/debug/kmemleak", O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return;
	if (write(fd, "scan", 4) < 0)
		log_line("kmemleak refuses to scan");
	close(fd);
}

/*
 * kmemleak takes what is left on a dead task's stack for a reference. The kernel keeps
 * such stacks for the next tasks: let there be some, to write over it.
 */
static void overwrite_stacks(void)
{
	for (int task = 0; task < STACKS_REUSED; task++)
		if (fork() == 0)
			for (;;)
				pause();
	end_others();
}

/*
 * A first scan takes each object's checksum, a second one reports those that nothing
 * refers to and that haven't changed; and they must have come of age in between.
 */
static void write_leaks(FILE *json)
{
	static char text[LEAK_TEXT_MAX];

	scan_for_leaks();
	sleep(LEAK_AGE_SECONDS + 1);
	overwrite_stacks();
	scan_for_leaks();
	json_string(json, read_text("/sys/kernel/debug/kmemleak", text, sizeof(text)));
}

static void write_verdict(const struct command *command, const struct job *job, int port)
{
	char *line = NULL;
	size_t length;
	FILE *json = open_memstream(&line, &length);

	if (json == NULL)
		die("open_memstream: %s", strerror(errno));
	fprintf(json, "{\"verdict\":{\"%s\":%d,\"stdoutBytes\":%llu,\"stderrBytes\":%llu",
		WIFSIGNALED(command->status) ? "signal" : "exit",
		WIFSIGNALED(command->status) ? WTERMSIG(command->status) :
					       WEXITSTATUS(command->status),
		(unsigned long long)command->output.total,
		(unsigned long long)command->error.total);
	if (job->check_leaks) {
		fputs(",\"leaks\":", json);
		write_leaks(json);
	}
	fprintf(json, ",\"tainted\":%lu}}\n", tainted());
	fclose(json);
	write_all(port, line, length);
	free(line);
}

static void say_started(int port)
{
	struct timespec uptime;
	char line[128];

	clock_gettime(CLOCK_BOOTTIME, &uptime);
	snprintf(line, sizeof(line),
		 "{\"started\":{\"uptimeMilliseconds\":%lld,\"processors\":%ld,\"tainted\":%lu}}\n",
		 (long long)uptime.tv_sec * 1000 + uptime.tv_nsec / 1000000,
		 sysconf(_SC_NPROCESSORS_ONLN), tainted());
	write_all(port, line, strlen(line));
}

static int block_signals(void)
{
	sigset_t all, child;

	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	return signalfd(-1, &child, SFD_CLOEXEC | SFD_NONBLOCK);
}

int main(void)
{
	struct command command = { 0 };
	struct ports ports;
	struct job job;
	int child_signals;

	mount_first();
	ports = (struct ports){
		.verdict = open_port("fastipc.verdict"),
		.command = open_port("fastipc.command"),
		.input = open_port("fastipc.stdin"),
		.output = open_port("fastipc.stdout"),
		.error = open_port("fastipc.stderr"),
	};
	job = read_job(ports.command);
	mount_places(&job.places, ports.verdict);
	mount_kernel_file_systems(ports.verdict);
	set_up_system(ports.verdict);
	child_signals = block_signals();
	say_started(ports.verdict);
	if (job.terminal)
		start_on_terminal(&command, &job, &ports);
	else
		start_on_pipes(&command, &job, &ports);
	if (command.pid < 0)
		die("fork: %s", strerror(errno));
	attend(&command, &ports, child_signals);
	end_others();
	drain(&command.output);
	drain(&command.error);
	write_verdict(&command, &job, ports.verdict);
	/* Bytes that the host hasn't taken would be lost with the machine. */
	while (read_frame(ports.command).type != FRAME_LEAVE)
		;
	leave();
}
