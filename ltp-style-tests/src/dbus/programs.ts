// SPDX-License-Identifier: GPL-2.0-only
/*
 * What clients of a bus that nobody here wrote do on it, and all that they print.
 */
import { execa } from 'execa';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import type { Bus } from './daemons.js';
import { driver } from './message.js';

/** A program that is a client, and what it is run for. */
export interface Client {
	/** As the library reports it. */
	program: string;
	/** The file without which there is no such program, and its Debian package. */
	file: string;
	package: string;
	/** What it does there; returns what it printed and how it ended. */
	run: (bus: Bus) => Promise<string>;
}

const service = 'org.example.Echo';
const object = '/org/example/Echo';
const script = path.join(
	path.dirname(fileURLToPath(import.meta.resolve('@fastipc/ltp-style-tests/package.json'))),
	'src/dbus/echo-service.py',
);

/** Debian's, which is the one that has Debian's modules. */
const python = '/usr/bin/python3';

/** Runs a command to its end, whatever that is. */
async function outcome(bus: Bus, command: string, ...args: string[]): Promise<string> {
	const { all, exitCode } = await execa(command, args, {
		env: bus.environment,
		reject: false,
		all: true,
		stdin: 'ignore',
	});
	return `${command} ended with ${exitCode ?? 'a signal'}\n${all}`;
}

async function runEach(bus: Bus, commands: readonly (readonly string[])[]): Promise<string> {
	const outcomes: string[] = [];
	for (const [command = '', ...args] of commands) {
		outcomes.push(await outcome(bus, command, ...args));
	}
	return outcomes.join('\n');
}

const send = ['dbus-send', '--session', '--print-reply'];
const signal = [
	'dbus-send',
	'--session',
	'--type=signal',
	object,
	`${service}.Ping`,
	'string:hello',
	'int32:-7',
	'array:string:a,b',
];

/** Waits until a stream of text has had what is expected of it, and returns all of it. */
async function readUntil(stream: AsyncIterable<unknown>, expected: RegExp): Promise<string> {
	let text = '';
	for await (const chunk of stream) {
		text += String(chunk);
		if (expected.test(text)) {
			return text;
		}
	}
	throw new Error(`it ended before it printed ${String(expected)}, having printed:\n${text}`);
}

/** Has a monitor see a signal, from when it says that it is one. */
async function monitor(bus: Bus): Promise<string> {
	const rule = `type='signal',interface='${service}'`;
	const running = execa('dbus-monitor', ['--session', rule], {
		env: bus.environment,
		reject: false,
		buffer: false,
	});
	// It loses its name when it becomes a monitor.
	const output = running.stdout.iterator({ destroyOnReturn: false });
	const begun = await readUntil(output, /member=NameLost\n.*\n/);
	await outcome(bus, signal[0] ?? '', ...signal.slice(1));
	const seen = await readUntil(running.stdout.iterator({ destroyOnReturn: false }), /"b"\n +\]\n/);
	running.kill();
	await running;
	return begun + seen;
}

/** The clients, in the order in which they go onto a bus. */
export const clients: readonly Client[] = [
	{
		program: 'dbus-send',
		file: '/usr/bin/dbus-send',
		package: 'dbus-bin',
		run: (bus) =>
			runEach(bus, [
				[...send, `--dest=${driver}`, '/', `${driver}.ListNames`],
				[...send, `--dest=${service}`, object, `${service}.Echo`, 'string:tō whom'],
				[...send, '--dest=org.example.Nobody', object, `${service}.Echo`, 'string:x'],
			]),
	},
	{
		program: 'dbus-monitor',
		file: '/usr/bin/dbus-monitor',
		package: 'dbus-bin',
		run: monitor,
	},
	{
		program: 'gdbus',
		file: '/usr/bin/gdbus',
		package: 'libglib2.0-bin',
		run: (bus) =>
			runEach(
				bus,
				[
					['introspect', '--object-path', object],
					['call', '--object-path', object, '--method', `${service}.Echo`, 'tō whom'],
					['call', '--object-path', object, '--method', `${service}.Fail`],
				].map(([verb = '', ...words]) => ['gdbus', verb, '--session', '--dest', service, ...words]),
			),
	},
	{
		program: 'busctl',
		file: '/usr/bin/busctl',
		package: 'systemd',
		run: (bus: Bus): Promise<string> => {
			const call = ['busctl', `--address=unix:path=${bus.path}`, 'call'];
			return runEach(bus, [
				[...call, driver, '/org/freedesktop/DBus', driver, 'ListNames'],
				[...call, service, object, service, 'Echo', 's', 'tō whom'],
				[...call, service, object, service, 'Fail'],
			]);
		},
	},
	{
		program: 'python3',
		file: '/usr/lib/python3/dist-packages/dbus/__init__.py',
		package: 'python3-dbus',
		run: (bus) => outcome(bus, python, script, 'client'),
	},
];

/** Starts the service that the clients call, and returns its end. */
export async function startEcho(bus: Bus): Promise<() => Promise<void>> {
	const running = execa(python, [script, 'service'], {
		env: bus.environment,
		reject: false,
		buffer: false,
		stderr: 'inherit',
	});
	await readUntil(running.stdout.iterator({ destroyOnReturn: false }), /ready\n/);
	return async () => {
		running.kill();
		await running;
	};
}

/**
 * What a client printed, without what differs from one run to the next: times, the bus's id, and
 * unique names' numbers, as dbus-broker's launcher connects to its bus at some time.
 */
export function withoutTimes(output: string): string {
	return output
		.replaceAll(/\btime=\d+\.\d+/g, 'time=T')
		.replaceAll(/:1\.\d+/g, ':1.N')
		.replaceAll(/\b[0-9a-f]{32}\b/g, 'ID')
		.replaceAll(/\/tmp\/dbus-\w+/g, 'FOLDER');
}
