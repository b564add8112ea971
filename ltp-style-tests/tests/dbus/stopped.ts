// SPDX-License-Identifier: GPL-2.0-only
/*
 * A daemon that is stopped or killed, and a reader that doesn't read.
 */
import {
	allDaemons,
	daemonProcess,
	defineBothWays,
	defineRowsBothWays,
	startWayBus,
} from '../../src/dbus/both-ways.js';
import { byteArray } from '../../src/dbus/byte-array.js';
import { readDirect, setUntilEnd } from '../../src/dbus/direct-delivery.js';
import { connectFlow } from '../../src/dbus/established-flow.js';
import {
	callKind,
	exchange,
	receiveFrom,
	receiveReply,
	sendKind,
	sendReply,
	settle,
	type Kind,
} from '../../src/dbus/exchange.js';
import { noReplyExpected } from '../../src/dbus/wire.js';
import { whileStopped } from '../../src/process/stop-process.js';

const times = 20;

defineBothWays({
	title: 'stopped: without their daemon, clients go on with what they did',
	daemons: allDaemons,
	check: async (t, way) => {
		const bus = await startWayBus(t, way);
		const { from, to, kind } = connectFlow(bus);
		const sent: number[] = [];
		bus.expectDirect({ delivered: times, answered: times }, () => {
			whileStopped(daemonProcess(bus), () => {
				for (let time = 0; time < times; time++) {
					if (way.direct) {
						exchange(from, to, kind);
					} else {
						sent.push(sendKind(from, kind));
					}
				}
				t.deepEqual(to.waiting(), []);
			});
			for (const serial of sent) {
				sendReply(to, receiveFrom(to, from, serial));
				receiveReply(from, serial);
			}
		});
	},
});

defineBothWays({
	title: 'stopped: what needs the daemon waits, and what comes after it waits behind it',
	daemons: allDaemons,
	check: async (t, way) => {
		const bus = await startWayBus(t, way);
		const other = bus.connect();
		const { from, to, kind } = connectFlow(bus);
		bus.establish(other, to, kind);
		const sent = whileStopped(daemonProcess(bus), () => {
			const serials = [{ member: 'New' }, {}, {}].map((more: Kind) =>
				sendKind(from, { ...kind, ...more }, { flags: noReplyExpected }),
			);
			t.deepEqual(to.waiting(), []);
			// It holds up nobody else.
			if (way.direct) {
				bus.expectDirect({ delivered: 1, answered: 1 }, () => {
					exchange(other, to, kind);
				});
			}
			return serials;
		});
		for (const serial of sent) {
			receiveFrom(to, from, serial);
		}
		bus.establish(from, to, kind);
	},
});

defineBothWays({
	title: 'stopped: when the daemon is killed, everybody reads what there is, and then the end',
	daemons: allDaemons,
	check: async (t, way) => {
		const bus = await startWayBus(t, way);
		const idle = bus.connect();
		const { from, to, kind } = connectFlow(bus);
		settle(from, to, idle);
		const serial = bus.expectDirect({ delivered: 1 }, () => {
			const sent = sendKind(from, kind);
			settle(from, to);
			return sent;
		});
		process.kill(daemonProcess(bus), 'SIGKILL');
		receiveFrom(to, from, serial);
		t.deepEqual(
			[from, to, idle].map((peer) => peer.waitForEnd()),
			['end', 'end', 'end'],
		);
		t.throws(() => {
			sendKind(from, kind);
		});
	},
});

const limit = 65_536;

defineRowsBothWays(['queue_max', 'user_queue_max'] as const, (setting) => ({
	title: `stopped: a reader who doesn't read costs only himself, with ${setting}`,
	daemons: allDaemons,
	check: async (t, way) => {
		setUntilEnd(t, setting, limit);
		const bus = await startWayBus(t, way);
		const lazy = bus.connect();
		const { from, to, kind } = connectFlow(bus);
		const signal = callKind(lazy.name, { type: 'signal' });
		bus.establish(from, lazy, signal);
		const sent: number[] = [];
		for (let time = 0; time < 100; time++) {
			sent.push(sendKind(from, signal, byteArray(2000)));
			if (way.direct) {
				const { queued } = readDirect(bus);
				t.true(queued <= limit, `${queued} bytes are queued`);
			}
		}
		// Of a user's quota, others of his use what he doesn't.
		const goesOn = way.direct && setting === 'queue_max';
		bus.expectDirect(goesOn ? { delivered: times, answered: times } : {}, () => {
			for (let time = 0; time < times; time++) {
				exchange(from, to, kind);
			}
		});
		const left = bus.direct()?.left.full ?? 0;
		t.true(way.direct ? left > 0 && left < 90 : left === 0, `${left} found it full`);
		for (const serial of sent) {
			receiveFrom(lazy, from, serial);
		}
		settle(lazy, from, to);
		t.deepEqual(lazy.waiting(), []);
		t.is(bus.direct()?.queued ?? 0, 0);
		bus.establish(from, lazy, signal);
	},
}));
