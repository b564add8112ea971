// SPDX-License-Identifier: GPL-2.0-only
import { UserError, type Reporter } from '@fastipc/kernel-patches';
import { execa } from 'execa';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import readline from 'node:readline';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { splitMessages } from './messages.js';
import { trafficFile } from './seeds.js';

const traffic = fileURLToPath(new URL('traffic.py', import.meta.url));

/** Longer ones would be cut by the fuzzers. */
const longestMessage = 4096;

/** The monitor sees this one last. */
const lastMember = 'EndOfTraffic';

/** A bus on which everything is allowed. */
function busConfiguration(directory: string): string {
	return `<busconfig>
<type>session</type>
<listen>unix:path=${directory}/bus</listen>
<policy context="default">
<allow send_destination="*" eavesdrop="true"/>
<allow eavesdrop="true"/>
<allow own="*"/>
</policy>
</busconfig>
`;
}

const driver = ['--dest=org.freedesktop.DBus', '/org/freedesktop/DBus'];
const reply = '--print-reply=literal';

/** What Debian's programs are asked to say. */
function conversations(): string[][] {
	const send = ['dbus-send', '--session'];
	const gdbus = (verb: string, ...words: string[]) => ['gdbus', verb, '--session', ...words];
	const ask = (member: string, ...words: string[]) => [
		...[...send, reply, ...driver],
		`org.freedesktop.DBus.${member}`,
		...words,
	];
	const name = 'com.example.Traffic';
	const types =
		'byte:255 boolean:false int16:-1 uint16:2 int32:-3 uint32:4 int64:-5 uint64:6 double:0.5 ' +
		'string:text objpath:/a array:string:a,b,c array:byte:1,2 dict:string:int32:one,1,two,2 ' +
		'variant:int64:7';
	return [
		ask('ListNames'),
		ask('ListQueuedOwners', 'string:org.freedesktop.DBus'),
		ask('GetNameOwner', 'string:com.example.Nobody'),
		ask('NameHasOwner', 'string:org.freedesktop.DBus'),
		ask('RequestName', `string:${name}.Own`, 'uint32:7'),
		ask('NoSuchMember', 'boolean:true'),
		ask('Introspectable.Introspect'),
		ask('Properties.GetAll', 'string:org.freedesktop.DBus'),
		[...send, ...driver, 'org.freedesktop.DBus.Peer.Ping'],
		[...send, '--type=signal', '/a/b', `${name}.Types`, ...types.split(' ')],
		['dbus-test-tool', 'spam', '--session', '--ignore-errors', '--count=3'],
		['dbus-test-tool', 'spam', '--session', '--ignore-errors', '--bytes', '--no-reply'],
		gdbus('introspect', '--dest=org.freedesktop.DBus', '--object-path=/org/freedesktop/DBus'),
		gdbus('emit', '--object-path=/c', `--signal=${name}.Nested`, "{'a': <(1, [true])>}", '@ay []'),
		gdbus('emit', '--object-path=/c', `--signal=${name}.Empty`, "[('x', <@a{sv} {}>)]", '0x10'),
		// Debian's, whatever else comes first in PATH.
		['/usr/bin/python3', traffic],
	];
}

/** The same message but for numbers in it is not worth keeping again. */
function withoutNumbers(message: Buffer): string {
	return message.toString('latin1').replaceAll(/[^A-Za-z_/{}()]/g, '');
}

/** The messages worth keeping, in their order. */
export function chooseMessages(messages: readonly Buffer[]): Buffer[] {
	const seen = new Set<string>();
	return messages.filter((message) => {
		const kind = withoutNumbers(message);
		const keep = message.length <= longestMessage && !seen.has(kind) && !kind.includes(lastMember);
		seen.add(kind);
		return keep;
	});
}

/** Collects what the monitor prints, until the end of the traffic is in it. */
async function readUntilEnd(stream: Readable): Promise<Buffer> {
	const chunks: Buffer[] = [];
	for await (const piece of stream) {
		const chunk: unknown = piece;
		if (Buffer.isBuffer(chunk)) {
			chunks.push(chunk);
		}
		const all = Buffer.concat(chunks);
		if (all.includes(lastMember)) {
			return all;
		}
	}
	throw new Error('dbus-monitor ended before the end of the traffic');
}

const timeout = 30_000;

async function talk(env: Record<string, string>, report: Reporter): Promise<void> {
	for (const [program = '', ...words] of conversations()) {
		report.say(`$ ${program} ${words.join(' ')}`);
		const result = await execa(program, words, { reject: false, all: true, timeout, env });
		// Replies that are errors are wanted, and end dbus-send with 1.
		if (result.timedOut || (result.exitCode !== 0 && program !== 'dbus-send')) {
			throw new UserError(`${program} failed:\n${result.all}`);
		}
	}
}

/** Has somebody say something until the monitor is there to hear it. */
async function waitForMonitor(monitor: Readable, env: Record<string, string>): Promise<void> {
	while (monitor.readableLength === 0) {
		if (monitor.readableEnded || monitor.destroyed) {
			throw new Error('dbus-monitor ended before it heard anything');
		}
		const member = 'org.freedesktop.DBus.Peer.Ping';
		await execa('dbus-send', ['--session', reply, ...driver, member], { env, timeout });
	}
}

async function recordOn(address: string, report: Reporter): Promise<Buffer> {
	const env = { DBUS_SESSION_BUS_ADDRESS: address };
	const monitor = execa('dbus-monitor', ['--session', '--binary'], {
		buffer: false,
		reject: false,
		stdin: 'ignore',
		env,
	});
	try {
		// Without a listener nothing would be read from the pipe.
		monitor.stdout.on('readable', () => undefined);
		await waitForMonitor(monitor.stdout, env);
		await talk(env, report);
		const last = ['--session', '--type=signal', '/', `com.example.Traffic.${lastMember}`];
		await execa('dbus-send', last, { env, timeout });
		return await readUntilEnd(monitor.stdout);
	} finally {
		monitor.kill();
		await monitor;
	}
}

/**
 * Records what Debian's D-Bus programs say to each other on a bus of their own, and keeps one of
 * each kind of message for the fuzzers to begin with.
 * @returns a line that says what was kept
 */
export async function recordTraffic({ report }: { report: Reporter }): Promise<string> {
	const directory = await mkdtemp(path.join(os.tmpdir(), 'dbus-traffic-'));
	const configuration = path.join(directory, 'bus.conf');
	await writeFile(configuration, busConfiguration(directory));
	const daemon = execa(
		'dbus-daemon',
		[`--config-file=${configuration}`, '--nofork', '--nopidfile', '--print-address'],
		{ buffer: false, reject: false, stdin: 'ignore' },
	);
	try {
		const lines = readline.createInterface({ input: daemon.stdout });
		const line: unknown[] = await once(lines, 'line');
		const kept = chooseMessages(splitMessages(await recordOn(String(line[0]), report)));
		const bytes = Buffer.concat(kept);
		await writeFile(trafficFile, bytes);
		return `${kept.length} messages, ${bytes.length} bytes: ${trafficFile}`;
	} finally {
		daemon.kill();
		await daemon;
		await rm(directory, { recursive: true });
	}
}
