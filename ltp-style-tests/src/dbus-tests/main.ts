// SPDX-License-Identifier: GPL-2.0-only
// Runs libdbus's installed tests in the guest, each on AF_UNIX and on AF_DBUS, and prints TAP. Where
// the kernel delivers messages itself, they run a second time on AF_DBUS, with flows that end at once.
import { nativePath } from '@fastipc/native';
import { execa } from 'execa';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import {
	describeDelivery,
	findDifference,
	findFault,
	findLackOfDelivery,
	type Outcome,
} from './judge.js';
import { countResults, readInstalledTests, type InstalledTest } from './programs.js';
import { startWatching, takeSeen } from './watch.js';

/** A program may take so long, in milliseconds: the slowest takes a minute where it is emulated. */
const timeout = 900_000;

/** All sockets with a name that are connected or listen are converted. */
const onDbus = { LD_PRELOAD: nativePath('libdbus-preload.so'), FASTIPC_DBUS_ADDRESSES: '*' };

let number = 0;
let failed = 0;

function print(title: string, fault: string | undefined, output: string): void {
	number += 1;
	if (fault === undefined) {
		process.stdout.write(`ok ${number} - ${title}\n`);
		return;
	}
	failed += 1;
	const lines = output.trimEnd().split('\n').slice(-20);
	const details = [fault, ...lines].map((line) => `    ${JSON.stringify(line)}\n`).join('');
	process.stdout.write(`not ok ${number} - ${title}\n  ---\n  message: |-\n${details}  ...\n`);
}

/** Some make sockets and files where they run. */
async function runIn(
	directory: string,
	{ command }: InstalledTest,
	env: Record<string, string>,
): Promise<Outcome & { output: string }> {
	const { exitCode, all } = await execa('sh', ['-c', `exec ${command}`], {
		cwd: directory,
		env: { ...env, TMPDIR: directory, XDG_RUNTIME_DIR: directory },
		stdin: 'ignore',
		all: true,
		reject: false,
		timeout,
	});
	return { status: exitCode, results: countResults(all), output: all };
}

/** How often a program that says nothing is said to be running, in milliseconds. */
const stillRunning = 30_000;

async function run(test: InstalledTest, env: Record<string, string>) {
	const directory = await mkdtemp(path.join(os.tmpdir(), 'dbus-tests-'));
	const timer = setInterval(() => {
		process.stdout.write(`# ${test.name} is still running\n`);
	}, stillRunning);
	try {
		return await runIn(directory, test, env);
	} finally {
		clearInterval(timer);
		await rm(directory, { recursive: true, force: true });
	}
}

/** How long what the kernel learned of a kind of messages lasts, in milliseconds. */
const lifetimeFile = '/proc/sys/net/dbus/flow_lifetime_ms';
const [shortest, usual] = ['1', '1000'];

/** Returns how many messages the kernel delivered itself. */
async function runOnDbus(test: InstalledTest, unix: Outcome, title: string): Promise<number> {
	takeSeen();
	const dbus = await run(test, onDbus);
	const seen = takeSeen();
	const { daemons, accepted, delivered = 0 } = seen;
	print(`dbus-tests: ${test.name} on ${title}`, findDifference(unix, dbus, seen), dbus.output);
	process.stdout.write(
		`# ${test.name}: ${daemons} daemons, ${accepted} connections accepted, ${delivered} messages delivered, ${dbus.results.passed} passed\n`,
	);
	return delivered;
}

const tests = readInstalledTests();
const delivers = existsSync(lifetimeFile);
const [onUsual, onShortest] = ['AF_DBUS', 'AF_DBUS, with the shortest flows'];
const delivered: Record<'usual' | 'shortest', number[]> = { usual: [], shortest: [] };
process.stdout.write(`TAP version 13\n1..${delivers ? 3 * tests.length + 1 : 2 * tests.length}\n`);
startWatching();
for (const test of tests) {
	const unix = await run(test, {});
	print(`dbus-tests: ${test.name} on AF_UNIX`, findFault(unix), unix.output);
	delivered.usual.push(await runOnDbus(test, unix, onUsual));
	if (delivers) {
		await writeFile(lifetimeFile, shortest);
		delivered.shortest.push(await runOnDbus(test, unix, onShortest));
		await writeFile(lifetimeFile, usual);
	}
}
if (delivers) {
	const title = 'dbus-tests: messages are delivered directly';
	print(title, findLackOfDelivery(delivered.usual), '');
	process.stdout.write(`# ${describeDelivery(onUsual, delivered.usual)}\n`);
	process.stdout.write(`# ${describeDelivery(onShortest, delivered.shortest)}\n`);
}
process.exitCode = failed > 0 ? 1 : 0;
