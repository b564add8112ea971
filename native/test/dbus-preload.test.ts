// SPDX-License-Identifier: GPL-2.0-only
// What the library does where the kernel refuses: nothing that the program would notice.
// What it does with AF_DBUS is tested in the guest.
import { buildNative, nativePath } from '@fastipc/native';
import test, { type ExecutionContext } from 'ava';
import { execa } from 'execa';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';

test.before(buildNative);

const library = 'libdbus-preload.so';

/** Listens at the address, connects to it, and prints what arrived. */
const program = `
	const net = require('node:net');
	const [address] = process.argv.slice(1);
	const server = net.createServer((socket) => socket.end('hello')).listen(address, () => {
		net.connect(address).on('data', (data) => console.log(String(data))).on('end', () => server.close());
	});
`;

/** Runs a command with the library, in a folder of its own, where it reports to `report`. */
async function preloaded(
	t: ExecutionContext,
	command: string,
	parameters: readonly string[],
	environment: Readonly<Record<string, string>> = {},
): Promise<{ stdout: string; report: string }> {
	const directory = await mkdtemp(path.join(os.tmpdir(), 'preload-'));
	t.teardown(() => rm(directory, { recursive: true }));
	const report = path.join(directory, 'report');
	await writeFile(report, '');
	const { stdout } = await execa(command, parameters, {
		cwd: directory,
		env: { LD_PRELOAD: nativePath(library), FASTIPC_DBUS_REPORT: report, ...environment },
	});
	return { stdout, report: await readFile(report, 'utf8') };
}

/** Runs the program with an address of that name, and returns what the library reported. */
async function serve(t: ExecutionContext, name: string, addresses?: string): Promise<string> {
	const environment = addresses === undefined ? {} : { FASTIPC_DBUS_ADDRESSES: addresses };
	const { stdout, report } = await preloaded(t, 'node', ['-e', program, `./${name}`], environment);
	t.is(stdout, 'hello');
	return report;
}

test('it replaces two calls and nothing else', async (t) => {
	const { stdout } = await execa('nm', ['--dynamic', '--defined-only', nativePath(library)]);
	const names = stdout.split('\n').map((line) => line.split(' ').at(-1));
	t.deepEqual(names.toSorted(), ['connect', 'listen']);
});

test('a refused conversion leaves the program on AF_UNIX', async (t) => {
	t.regex(
		await serve(t, 'dbus-1'),
		/^listen E\w+ node \.\/dbus-1\nconnect E\w+ node \.\/dbus-1\n$/,
	);
	t.regex(await serve(t, 'bus'), /^listen E\w+ node \.\/bus\n/);
});

test('what does not look like a bus is left alone', async (t) => {
	t.is(await serve(t, 'business'), '');
	t.is(await serve(t, 'dbus-1', '/elsewhere/*:*.sock'), '');
});

test('which addresses are buses can be said', async (t) => {
	t.regex(await serve(t, 'a.sock', '/elsewhere/*:*.sock'), /^listen E\w+ node \.\/a\.sock\n/);
});

/** Listens, connects, fails to connect, and prints errno after each, which was 7 before. */
const errnoProgram = `
	use Socket;
	socket(my $listener, AF_UNIX, SOCK_STREAM, 0);
	socket(my $client, AF_UNIX, SOCK_STREAM, 0);
	socket(my $other, AF_UNIX, SOCK_STREAM, 0);
	bind($listener, sockaddr_un('./bus'));
	my @seen;
	$! = 7; listen($listener, 1); push @seen, $! + 0;
	$! = 7; connect($client, sockaddr_un('./bus')); push @seen, $! + 0;
	$! = 7; connect($other, sockaddr_un('./no-bus/bus')); push @seen, $! + 0;
	print "@seen";
`;

test('errno is as the calls leave it', async (t) => {
	const { stdout, report } = await preloaded(t, 'perl', ['-e', errnoProgram]);
	t.is(stdout, '7 7 2');
	t.is(report.split('\n').length - 1, 3);
});

/** Opens listeners in place of a service manager, and executes a program that is given them. */
const managerProgram = `
	use Socket; use POSIX;
	delete $ENV{LD_PRELOAD};
	my ($count, $pid, @command) = @ARGV;
	for my $index (0, 1) {
		socket(my $listener, AF_UNIX, SOCK_STREAM, 0);
		bind($listener, sockaddr_un(('./bus', './other')[$index]));
		listen($listener, 1);
		POSIX::dup2(fileno($listener), 10 + $index);
	}
	POSIX::dup2(10 + $_, 3 + $_) for 0, 1;
	POSIX::close(10 + $_) for 0, 1;
	$ENV{LISTEN_FDS} = $count;
	$ENV{LISTEN_PID} = $pid eq 'own' ? $$ : $pid;
	$ENV{LD_PRELOAD} = $ENV{LIBRARY};
	exec @command;
`;

for (const { handed, pid, count, expected } of [
	{ handed: 'two listeners', pid: 'own', count: '2', expected: /^listen E\w+ true \.\/bus\n$/ },
	{
		handed: 'more than there are',
		pid: 'own',
		count: '99',
		expected: /^listen E\w+ true \.\/bus\n$/,
	},
	{ handed: 'none', pid: 'own', count: '0', expected: /^$/ },
	{ handed: 'a negative number', pid: 'own', count: '-1', expected: /^$/ },
	{ handed: 'what is for another process', pid: '1', count: '2', expected: /^$/ },
]) {
	test(`of listeners handed over those of buses are tried: ${handed}`, async (t) => {
		const parameters = ['-e', managerProgram, '--', count, pid, 'true'];
		const environment = { LIBRARY: nativePath(library), LD_PRELOAD: '' };
		const { report } = await preloaded(t, 'perl', parameters, environment);
		t.regex(report, expected);
	});
}

test('settings that are too long are as if they were not there', async (t) => {
	const long = '*:'.repeat(3000);
	t.is(await serve(t, 'business', long), '');
	t.regex(await serve(t, 'bus', long), /^listen E/);
	t.is(await serve(t, 'business', `${'?*'.repeat(200)}:x`), '');
});
