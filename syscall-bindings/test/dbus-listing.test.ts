// SPDX-License-Identifier: GPL-2.0-only
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';

import { parseDbusListing, readDbusListing } from '@fastipc/syscall-bindings/dbus-listing';
import test from 'ava';

import { runDbusCommand } from '../src/dbus-command/run.js';
import { showListing } from '../src/dbus-command/show-listing.js';
import { titleWhenSkipped, whyDbusIsMissing } from './helpers/kernel-support.js';
import { packageDirectory } from './helpers/package-files.js';

const saved = path.join(packageDirectory, 'test', 'listings', 'two-buses.txt');
const text = readFileSync(saved, 'utf8');
const lines = text.split('\n');
const [busLine = '', directLine = '', connectionLine = ''] = lines;

test('a listing says everything that is in the file', (t) => {
	const { buses, connections, names } = parseDbusListing(text);
	t.deepEqual(
		buses.map(({ id }) => id),
		[1, 4],
	);
	t.deepEqual(buses[1], {
		id: 4,
		pid: 0,
		uid: 1000,
		connections: 3,
		names: 1,
		monitors: 1,
		eavesdroppers: 1,
		suspects: 2,
		received: 1,
		sent: Number.MAX_SAFE_INTEGER,
		direct: undefined,
		added: {},
	});
	t.deepEqual(buses[0]?.direct, {
		flows: 2,
		pending: 1,
		queued: 4096,
		delivered: 17,
		answered: 16,
		failed: 0,
		left: { off: 0, daemon: 5, flow: 9, shape: 0, order: 2, full: 0, pending: 0, watched: 0 },
		added: {},
	});
	t.deepEqual(connections.at(-1), {
		bus: 4,
		id: 8,
		pid: 100,
		uid: 1000,
		name: ':1.8',
		receives: 'lost',
		sends: 'messages',
		fds: true,
		monitor: false,
		eavesdrops: 2,
		unsure: true,
		names: 1,
		received: 3,
		sent: 4,
		added: {},
	});
	t.is(connections[2]?.name, undefined);
	t.deepEqual(names.slice(1), [
		{ bus: 1, name: 'org.example.Name', owner: ':1.0', waiting: [':1.1'] },
		{ bus: 1, name: ':1.1', owner: ':1.1', waiting: [] },
		{ bus: 4, name: 'org.example.Gone', owner: undefined, waiting: [] },
		{ bus: 4, name: 'org.example.Early', owner: '?', waiting: [':1.8'] },
	]);
});

test('a kernel without buses has an empty listing', (t) => {
	t.deepEqual(parseDbusListing(''), { buses: [], connections: [], names: [] });
});

test('fields that are new are kept, wherever they are', (t) => {
	const bus = busLine.replace(' uid=', ' flows=7 uid=');
	const { buses, connections } = parseDbusListing(
		`${bus}\n${directLine} left_tired=3\n${connectionLine} by_reason=a=b\n`,
	);
	t.deepEqual(buses[0]?.added, { flows: '7' });
	t.deepEqual(buses[0]?.direct?.added, { left_tired: '3' });
	t.is(buses[0]?.uid, 0);
	t.deepEqual(connections[0]?.added, { by_reason: 'a=b' });
});

const refused: readonly [what: string, listing: string, reason: RegExp][] = [
	[
		'an unknown line',
		'flow 1 2\n',
		/line 1: a line must begin with .*, not with "flow": flow 1 2$/,
	],
	['an empty line', `${busLine}\n\n`, /line 2: a line must begin with .*, not with ""/],
	['a line cut off', `${busLine}\nconnection 1`, /cut off in its last line: connection 1$/],
	['a direct line of no bus', `${directLine}\n`, /must follow that of its bus, once: direct 1/],
	[
		'two direct lines of a bus',
		`${busLine}\n${directLine}\n${directLine}\n`,
		/line 3: a line with direct must follow that of its bus, once/,
	],
	['a missing field', `${busLine.replace(' uid=0', '')}\n`, /line 1: uid is missing: bus 1/],
	['an empty field', `${connectionLine.replace('=:1.0', '=')}\n`, /name is missing/],
	['a field twice', `${busLine} pid=1\n`, /pid is there twice/],
	['a field without a value', `${busLine} pid\n`, /a field must be KEY=VALUE, it is "pid"/],
	['two spaces', `${busLine.replace(' uid', '  uid')}\n`, /KEY=VALUE, it is ""/],
	[
		'a negative number',
		`${busLine.replace('uid=0', 'uid=-1')}\n`,
		/uid must be a whole number .*, it is "-1"/,
	],
	['a hexadecimal number', `${busLine.replace('uid=0', 'uid=0x1')}\n`, /it is "0x1"/],
	[
		'a number that is not exact',
		`${busLine.replace('sent=23', 'sent=9007199254740992')}\n`,
		/sent must be a whole number below 2\^53/,
	],
	['a flag of 2', `${connectionLine.replace('fds=1', 'fds=2')}\n`, /fds must be 0 or 1, it is "2"/],
	[
		'a bus without a number',
		`${busLine.replace('bus 1', 'bus')}\n`,
		/the bus's number must be a whole number .*"pid=812"/,
	],
	[
		'a name without an owner',
		'name 1 org.example.Name\n',
		/a name must have a bus and an owner or -/,
	],
	[
		'a name with an empty owner',
		'name 1 org.example.Name  :1.1\n',
		/a name must have a bus and an owner or -/,
	],
];

for (const [what, listing, reason] of refused) {
	test(`${what} is refused, with the line`, (t) => {
		t.throws(() => parseDbusListing(listing), { message: reason });
	});
}

test('every cut of a listing is refused, or is whole lines', (t) => {
	for (let length = 0; length < text.length; length++) {
		const cut = text.slice(0, length);
		if (cut === '' || cut.endsWith('\n')) {
			t.is(parseDbusListing(cut).buses.length > 0, cut !== '');
		} else {
			t.throws(() => parseDbusListing(cut), { message: /cut off/ });
		}
	}
});

test('tables have each bus, its connections and its well-known names', (t) => {
	const programs = new Map([
		[812, 'dbus-daemon'],
		[813, 'python3'],
	]);
	t.is(
		showListing(parseDbusListing(text), (pid) => programs.get(pid)),
		`bus 1: pid 812 (dbus-daemon), uid 0, 2 connections, 3 names, 17 messages received, 23 sent
  directly: 17 messages and 16 replies, 2 flows, 1 reply awaited, 4096 bytes unread, left to the daemon: 5 daemon, 9 flow, 2 order

  CONNECTION  NAME  PID  PROGRAM  UID  NAMES  RECEIVED  SENT  NOTES
           1  :1.0  813  python3    0      2         9    12  passes descriptors
           2  :1.1  814  -          0      2         8    11

  NAME              OWNER  WAITING
  org.example.Name  :1.0   :1.1

bus 4: no daemon, uid 1000, 3 connections, 1 name, 1 message received, 9007199254740991 sent, 1 monitor, 1 eavesdropper, 2 suspects

  CONNECTION  NAME  PID  PROGRAM    UID  NAMES  RECEIVED  SENT  NOTES
           1  -       0  -        65534      0         0     0  receives: authenticating, sends: authenticating
           7  :1.7   99  -         1000      0         2    40  monitor
           8  :1.8  100  -         1000      1         3     4  receives: lost, passes descriptors, 2 rules eavesdropping, unsure

  NAME               OWNER  WAITING
  org.example.Early  ?      :1.8
  org.example.Gone   -
`,
	);
});

test('what may be seen of another user’s bus is shown', (t) => {
	const listing = parseDbusListing(`${connectionLine} flows=3\n`);
	t.is(
		showListing(listing, () => undefined),
		`bus 1: another user's, of which only connections of your own are shown

  CONNECTION  NAME  PID  PROGRAM  UID  NAMES  RECEIVED  SENT  NOTES
           1  :1.0  813  -          0      2         9    12  passes descriptors, flows=3
`,
	);
	t.is(
		showListing(parseDbusListing(''), () => undefined),
		'no bus that you may see\n',
	);
});

test('the command reads a file, and says what is wrong with it or with its arguments', (t) => {
	const json = runDbusCommand(['--json', saved]);
	t.deepEqual(JSON.parse(json.output), JSON.parse(JSON.stringify(parseDbusListing(text))));
	t.is(json.status, 0);
	t.regex(runDbusCommand([saved]).output, /^bus 1: pid 812, uid 0/);
	t.regex(runDbusCommand(['--help']).output, /^Usage: fastipc-dbus /);
	const absent = runDbusCommand(['/nonexistent/listing']);
	t.is(absent.status, 1);
	t.regex(absent.errors, /^fastipc-dbus: ENOENT: .*'\/nonexistent\/listing'\n$/);
	const wrong = runDbusCommand([path.join(packageDirectory, 'package.json')]);
	t.is(wrong.status, 1);
	t.regex(
		wrong.errors,
		/line 1: a line must begin with bus, direct, connection or name, not with "\{"/,
	);
	for (const words of [['--jsn'], [saved, saved], ['--json=1']]) {
		const outcome = runDbusCommand(words);
		t.is(outcome.status, 2, words.join(' '));
		t.regex(outcome.errors, /^fastipc-dbus: .*\n\nUsage: /);
	}
});

test('the command is a program', async (t) => {
	const program = path.join(packageDirectory, 'bin', 'fastipc-dbus.js');
	const { stdout } = await promisify(execFile)(program, [saved]);
	t.is(stdout, runDbusCommand([saved]).output);
});

const missing = whyDbusIsMissing();
const withoutDbus = missing === undefined ? test.skip : test;
withoutDbus(
	missing === undefined
		? titleWhenSkipped('without the series', 'this kernel has AF_DBUS')
		: 'without the series the listing is missing, with one line on what to do',
	(t) => {
		t.throws(() => readDbusListing(), {
			message: /^\/proc\/net\/dbus is missing: it takes a kernel /,
		});
		t.regex(runDbusCommand([]).errors, /^fastipc-dbus: \/proc\/net\/dbus is missing: .*\n$/);
		t.is(runDbusCommand([]).status, 1);
	},
);
