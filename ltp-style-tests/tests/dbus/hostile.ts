// SPDX-License-Identifier: GPL-2.0-only
/*
 * What nobody should send, in a flow that is established: whatever becomes of it through the
 * daemon becomes of it, the sender is who he is, and the receiver lives on.
 */
import { mapMemory, pageSize, writeMemory } from '@fastipc/syscall-bindings';
import type { ExecutionContext } from 'ava';
import { closeSync, openSync, writeSync } from 'node:fs';
import path from 'node:path';
import {
	allDaemons,
	daemonProcess,
	defineBothWays,
	defineRowsBothWays,
	startWayBus,
	type Way,
	type WayBus,
} from '../../src/dbus/both-ways.js';
import {
	callKind,
	describeMessage,
	encodeKind,
	exchange,
	isServed,
	settle,
	type Kind,
	type Particulars,
} from '../../src/dbus/exchange.js';
import { driver } from '../../src/dbus/message.js';
import type { Peer } from '../../src/dbus/peer.js';
import { playThroughDaemon } from '../../src/dbus/through-daemon.js';
import { createWriter, fieldCode, fieldText, type HeaderField } from '../../src/dbus/wire.js';
import { sendFile, spliceMemory } from '../../src/process/splice.js';
import { whileStopped } from '../../src/process/stop-process.js';
import { makeTemporaryFolder } from '../../src/temporary-folder.js';

/** Who takes part: an offender, whom he sends to, and somebody else. */
interface Clients {
	bus: WayBus;
	from: Peer;
	to: Peer;
	other: Peer;
	kind: Kind;
}

/** An offence: bytes that are sent when such messages go directly. */
interface Offence {
	what: string;
	bytes: (clients: Clients) => Buffer;
}

/** A message of the kind that goes directly, with something wrong. */
function wrong(what: string, particulars: (clients: Clients) => Particulars): Offence {
	return {
		what,
		bytes: (clients) => encodeKind(clients.kind, clients.from.nextSerial(), particulars(clients)),
	};
}

/** A message that was right, with a byte changed. */
function changed(what: string, at: number, value: number): Offence {
	return {
		what,
		bytes: ({ kind, from }) => {
			const bytes = encodeKind(kind, from.nextSerial());
			bytes[at] = value;
			return bytes;
		},
	};
}

function withField(field: HeaderField): Particulars {
	return { fields: [field] };
}

function sender(value: string): Particulars {
	return withField({ code: fieldCode.sender, type: 's', value });
}

function bodyOf(signature: string, write: (writer: ReturnType<typeof createWriter>) => void) {
	const writer = createWriter('little');
	write(writer);
	return { signature, body: writer.bytes() };
}

const offences: readonly Offence[] = [
	wrong('SENDER of somebody else', ({ other }) => sender(other.name)),
	wrong('SENDER of the bus', () => sender(driver)),
	wrong("SENDER of one's own", ({ from }) => sender(from.name)),
	wrong('SENDER that is no name', () => sender('nobody')),
	wrong('an unknown field', () => withField({ code: 20, type: 's', value: 'unknown' })),
	wrong('the field of code 10', () => withField({ code: 10, type: 'o', value: '/instance' })),
	wrong('the field of code 0', () => withField({ code: 0, type: 's', value: 'invalid' })),
	wrong('REPLY_SERIAL on a call', () =>
		withField({ code: fieldCode.replySerial, type: 'u', value: 1 }),
	),
	wrong('REPLY_SERIAL of 0', () => withField({ code: fieldCode.replySerial, type: 'u', value: 0 })),
	wrong('UNIX_FDS without descriptors', () =>
		withField({ code: fieldCode.unixFds, type: 'u', value: 1 }),
	),
	wrong('a second DESTINATION', ({ other }) =>
		withField({ code: fieldCode.destination, type: 's', value: other.name }),
	),
	wrong('a second MEMBER', () => withField({ code: fieldCode.member, type: 's', value: 'Else' })),
	wrong('PATH as a string', () => withField({ code: fieldCode.path, type: 's', value: '/a' })),
	wrong('ERROR_NAME on a call', () =>
		withField({ code: fieldCode.errorName, type: 's', value: 'org.example.Error' }),
	),
	wrong('a signature without a body', () => ({ signature: 's' })),
	wrong('a body without a signature', () => ({ body: Buffer.alloc(8) })),
	wrong('a string that is no UTF-8', () => ({
		signature: 's',
		body: Buffer.from([2, 0, 0, 0, 0xc3, 0x28, 0]),
	})),
	wrong('a string that ends early', () => ({
		signature: 's',
		body: Buffer.from([2, 0, 0, 0, 0x61, 0, 0]),
	})),
	wrong('a boolean of 2', () =>
		bodyOf('b', ({ u32 }) => {
			u32(2);
		}),
	),
	wrong('an object path that is none', () =>
		bodyOf('o', ({ text }) => {
			text('no/path');
		}),
	),
	wrong('padding that is not zero', () => ({
		signature: 'yu',
		body: Buffer.from([1, 1, 1, 1, 1, 0, 0, 0]),
	})),
	wrong('an array that ends behind the body', () => ({
		signature: 'ay',
		body: Buffer.from([5, 0, 0, 0, 1, 2, 3, 4]),
	})),
	wrong('a variant of two types', () => ({
		signature: 'v',
		body: Buffer.from([2, 0x79, 0x79, 0, 1, 2]),
	})),
	wrong('bytes behind the last argument', () => ({ signature: 'y', body: Buffer.alloc(2) })),
	changed('the type 0', 1, 0),
	changed('an unknown type', 1, 5),
	changed('unknown flags', 2, 0x80),
	changed('another version', 3, 2),
	changed('a byte order that is none', 0, 0x78),
	{
		what: 'a serial of 0',
		bytes: ({ kind }) => encodeKind(kind, 0),
	},
	{
		what: 'the serial of the call before',
		bytes: ({ kind, from }) => encodeKind(kind, from.nextSerial() - 1),
	},
	{
		what: 'the serial of the first call',
		bytes: ({ kind }) => encodeKind(kind, 2),
	},
	{
		what: 'a signal without MEMBER in the flow of calls',
		bytes: ({ kind, from }) =>
			encodeKind({ ...kind, type: 'signal', member: undefined }, from.nextSerial()),
	},
];

/** As many exchanges as it takes to be delivered directly, the same with and without. */
const exchanges = 5;

function connectClients(bus: WayBus): Clients {
	const [from, to, other] = [bus.connect(), bus.connect(), bus.connect()];
	const kind = callKind(to.name);
	for (let count = 1; count < exchanges; count++) {
		exchange(from, to, kind);
	}
	bus.expectDirect({ delivered: 1, answered: 1 }, () => {
		exchange(from, to, kind);
	});
	return { bus, from, to, other, kind };
}

/** All that came of an offence, to all who were there. */
function consequences({ from, to, other }: Clients): string[] {
	const served = isServed(from);
	settle(to, other);
	const received = [to, other, ...(served ? [from] : [])].map((peer) =>
		peer.waiting().map((message) => `${describeMessage(message)} ${message.bytes.toString('hex')}`),
	);
	return [served ? 'served' : 'dropped', ...received.map((messages) => messages.join('\n'))];
}

/** Has new clients commit an offence; returns what came of it. */
function offend(t: ExecutionContext, bus: WayBus, { what, bytes }: Offence): string[] {
	const clients = connectClients(bus);
	const { from, to, other } = clients;
	from.send(bytes(clients));
	const came = consequences(clients);
	for (const message of to.waiting()) {
		t.is(fieldText(message, 'sender'), from.name, what);
	}
	while (to.waiting().length > 0) {
		to.receive();
	}
	exchange(other, to, callKind(to.name));
	for (const peer of [from, to, other]) {
		peer.close();
	}
	return came;
}

/** What comes of each offence, on one bus. */
async function offendAll(t: ExecutionContext, way: Way): Promise<Record<string, string[]>> {
	const bus = await startWayBus(t, way);
	return Object.fromEntries(offences.map((offence) => [offence.what, offend(t, bus, offence)]));
}

const offendAllThroughDaemon = playThroughDaemon(offendAll);

defineBothWays({
	title: 'hostile: what is forged, invalid or unknown has the same consequences',
	daemons: allDaemons,
	check: async (t, way) => {
		const expected = await offendAllThroughDaemon(t, way);
		const fates = Object.values(expected).map(([fate]) => fate);
		t.true(fates.includes('dropped') && fates.includes('served'));
		if (way.direct) {
			t.deepEqual(await offendAll(t, way), expected);
		}
	},
});

/** How bytes can be sent that the sender can still change: returns what changes one. */
const pageRows: readonly {
	how: string;
	send: (folder: string, socket: number, bytes: Buffer) => (at: number, value: number) => void;
}[] = [
	{
		how: 'memory sent by vmsplice()',
		send: (_, socket, bytes) => {
			const address = mapMemory(pageSize);
			writeMemory(address, bytes);
			spliceMemory(socket, address, bytes.length);
			return (at, value) => {
				writeMemory(address + BigInt(at), Buffer.from([value]));
			};
		},
	},
	{
		how: 'a file sent by sendfile()',
		send: (folder, socket, bytes) => {
			const file = openSync(path.join(folder, 'message'), 'w+');
			writeSync(file, bytes);
			sendFile(socket, file, bytes.length);
			return (at, value) => {
				writeSync(file, Buffer.from([value]), 0, 1, at);
				closeSync(file);
			};
		},
	},
];

defineRowsBothWays(pageRows, ({ how, send }) => ({
	title: `hostile: ${how} and changed when it has been looked at`,
	daemons: allDaemons,
	check: async (t, way) => {
		const folder = await makeTemporaryFolder(t, 'dbus-pages-');
		const clients = connectClients(await startWayBus(t, way));
		const { bus, from, to, other, kind } = clients;
		const boolean = bodyOf('b', ({ u32 }) => {
			u32(1);
		});
		const bytes = encodeKind(kind, from.nextSerial(), boolean);
		bus.expectDirect({ delivered: 0 }, () => {
			whileStopped(daemonProcess(bus), () => {
				const change = send(folder, from.descriptor, bytes);
				t.deepEqual(to.waiting(), []);
				change(bytes.length - 4, 2);
			});
			// What was no boolean any more has the sender dropped, unless the bytes were copied first.
			const [fate, ...received] = consequences(clients);
			const arrived = received.some((messages) => messages !== '');
			t.is(fate, arrived ? 'served' : 'dropped');
		});
		for (const { body } of to.waiting()) {
			t.is(body[0], 1);
		}
		while (to.waiting().length > 0) {
			to.receive();
		}
		exchange(other, to, callKind(to.name));
	},
}));
