// SPDX-License-Identifier: GPL-2.0-only
/*
 * Who wants credentials with what he receives is given the daemon's, whoever delivered it.
 */
import { MSG_PEEK, POLLIN } from '@fastipc/syscall-bindings';
import {
	allDaemons,
	daemonProcess,
	defineRowsBothWays,
	startWayBus,
} from '../../src/dbus/both-ways.js';
import { callKind, sendKind } from '../../src/dbus/exchange.js';
import { waitFor, type Peer } from '../../src/dbus/peer.js';
import { mayAll, systemConfiguration } from '../../src/dbus/policies.js';
import { decodeMessage, messageLength, noReplyExpected } from '../../src/dbus/wire.js';
import {
	receiveBrought,
	SO_PASSCRED,
	SO_PASSPIDFD,
	switchOn,
	type Brought,
} from '../../src/process/socket-messages.js';

const fixedLength = 16;

/** Reads one message, and what came with its two parts. */
function receiveParts({ descriptor }: Peer): { serial: number; parts: Brought[] } {
	let peeked = receiveBrought(descriptor, fixedLength, MSG_PEEK);
	while (peeked.bytes.length === 0) {
		waitFor(descriptor, POLLIN, 'the next message');
		peeked = receiveBrought(descriptor, fixedLength, MSG_PEEK);
	}
	const length = messageLength(peeked.bytes) ?? fixedLength;
	const parts = [receiveBrought(descriptor, fixedLength)];
	parts.push(receiveBrought(descriptor, length - fixedLength));
	const { serial } = decodeMessage(Buffer.concat(parts.map(({ bytes }) => bytes)));
	return { serial, parts: [peeked, ...parts] };
}

defineRowsBothWays(
	[
		{ option: 'SO_PASSCRED', number: SO_PASSCRED },
		{ option: 'SO_PASSPIDFD', number: SO_PASSPIDFD },
	],
	({ option, number }) => ({
		title: `credentials: with ${option} each message brings the daemon's`,
		daemons: allDaemons,
		check: async (t, way) => {
			const bus = await startWayBus(t, way, {
				configuration: systemConfiguration([{ rules: mayAll }]),
			});
			const from = bus.connect({ user: { uid: 1, gid: 1 } });
			const to = bus.connect();
			const kind = callKind(to.name);
			bus.establish(from, to, kind);
			const pid = daemonProcess(bus);
			switchOn(to.descriptor, number);
			const expected =
				option === 'SO_PASSCRED' ? { credentials: { pid, uid: 0, gid: 0 } } : { pidfdOf: pid };
			const check = (member: string): void => {
				const flags = noReplyExpected;
				const sent = sendKind(from, { ...kind, member }, { flags });
				const { serial, parts } = receiveParts(to);
				t.is(serial, sent);
				for (const part of parts) {
					t.like(part, expected);
				}
			};
			for (let round = 0; round < 10; round++) {
				bus.expectDirect({ delivered: 1 }, () => {
					check('Do');
				});
			}
			// What the daemon delivers, and the first that is direct after that.
			check('Other');
			check('Do');
			check('Do');
		},
	}),
);
