// SPDX-License-Identifier: GPL-2.0-only
/*
 * The kernel's own delivery of messages: its settings, and what it counts.
 */
import type { ListedDirect } from '@fastipc/syscall-bindings/dbus-listing';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import type { Teardown } from '../teardown.js';
import { busAsListed } from './bus-as-listed.js';
import type { Bus } from './daemons.js';

const folder = '/proc/sys/net/dbus';

/** The settings of direct delivery, as files of that name below /proc/sys/net/dbus. */
export type Setting =
	| 'direct'
	| 'flow_lifetime_ms'
	| 'flows_max'
	| 'message_max'
	| 'queue_max'
	| 'user_queue_max'
	| 'pending_max'
	| 'user_pending_max'
	| 'pending_ms';

/** Whether the kernel can deliver messages itself. */
export function hasDirectDelivery(): boolean {
	return existsSync(`${folder}/direct`);
}

/** Sets something until the test ends. Kernels that deliver nothing have nothing to set. */
export function setUntilEnd(t: Teardown, setting: Setting, value: number): void {
	if (!hasDirectDelivery()) {
		return;
	}
	const file = `${folder}/${setting}`;
	const before = readFileSync(file, 'utf8');
	writeFileSync(file, `${value}`);
	t.teardown(() => {
		writeFileSync(file, before);
		return Promise.resolve();
	});
}

/**
 * What the kernel delivered on a bus so far.
 * @throws Error where it can't deliver anything
 */
export function readDirect(bus: Bus): ListedDirect {
	const { direct } = busAsListed(bus).bus;
	if (direct === undefined) {
		throw new Error('the listing of buses has no line that begins with direct');
	}
	return direct;
}
