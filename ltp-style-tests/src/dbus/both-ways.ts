// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of what must not depend on who delivers: the daemon, or the kernel where it can.
 */
import type { ListedDirect } from '@fastipc/syscall-bindings/dbus-listing';
import type { ExecutionContext } from 'ava';
import { defineTest } from '../needs/define-test.js';
import type { Needs } from '../needs/needs.js';
import { createTeardown, type Teardown } from '../teardown.js';
import { busAsListed } from './bus-as-listed.js';
import {
	daemonPrograms,
	emptyJournal,
	sessionConfiguration,
	startBus,
	type Bus,
	type BusOptions,
	type DaemonName,
} from './daemons.js';
import { hasDirectDelivery, readDirect, setUntilEnd } from './direct-delivery.js';
import { exchange, type Kind, type Particulars } from './exchange.js';
import { connectPeer, patienceMilliseconds, type Peer, type PeerOptions } from './peer.js';

/** How a test runs. */
export interface Way {
	daemon: DaemonName;
	/** Whether the kernel may deliver. */
	direct: boolean;
}

/** How a test's bus is to be. */
export interface WayOptions extends BusOptions {
	/** For how long the kernel may go by what it saw; longer than any test where left out. */
	lifetimeMilliseconds?: number;
	/** Takes a bus that other tests have, too, and configures it: a bus takes time to start. */
	shared?: true;
}

/** What the kernel must have delivered. */
export type Expected = Partial<Pick<ListedDirect, 'delivered' | 'answered' | 'failed'>>;

/** A bus of a test that runs both ways. */
export interface WayBus extends Bus {
	connect: (options?: PeerOptions & { path?: string }) => Peer;
	/**
	 * Exchanges messages of a kind until the kernel delivers such messages, where it may.
	 * @throws Error if it never does
	 */
	establish: (from: Peer, to: Peer, kind: Kind, particulars?: Particulars) => void;
	/**
	 * What is done in it must go through the kernel, where it may, and through the daemon else.
	 * @throws Error that says what was counted
	 */
	expectDirect: <Result>(expected: Expected, act: () => Result) => Result;
	/** What the kernel delivered; undefined where it can't. */
	direct: () => ListedDirect | undefined;
}

/** The longest that can be set, in milliseconds: only what a test does ends a flow, if it is quick. */
export const longLifetime = 60_000;

/** The first message of a kind, those that wait for something sent before, and one that is direct. */
const attempts = 8;

/** Throws once something has taken too long. */
function createPatience(what: string): () => void {
	const end = performance.now() + patienceMilliseconds;
	return () => {
		if (performance.now() > end) {
			throw new Error(`${what}: it wasn't so for ${patienceMilliseconds / 1000} s`);
		}
	};
}

/** Waits until something is so, while others in this process go on. */
export async function waitUntil(
	what: string,
	isSo: () => boolean | Promise<boolean>,
): Promise<void> {
	const checkTime = createPatience(what);
	while (!(await isSo())) {
		checkTime();
		await new Promise((resolve) => setImmediate(resolve));
	}
}

/** Does something until it is so. */
export function repeatUntil(what: string, isSo: () => boolean): void {
	const checkTime = createPatience(what);
	while (!isSo()) {
		checkTime();
	}
}

/** Waits until dbus-broker's listener has been converted, and its launcher is a client. */
async function waitForLauncher(t: Teardown, bus: Bus): Promise<void> {
	await waitUntil("dbus-broker's listener is converted", async () =>
		(await bus.report()).some((line) => line.startsWith('listen ')),
	);
	const first = connectPeer(t, bus.path);
	const uniqueNames = (): number => {
		const names = first.ask('ListNames');
		return Array.isArray(names) ? names.filter((name) => name.startsWith(':')).length : 0;
	};
	await waitUntil("dbus-broker's launcher is its client", () => uniqueNames() >= 2);
}

function countDelivered(bus: Bus, act: () => void): number {
	const before = readDirect(bus).delivered;
	act();
	return readDirect(bus).delivered - before;
}

function establish(bus: Bus, exchangeOnce: () => void): void {
	for (let attempt = 0; attempt < attempts; attempt++) {
		if (countDelivered(bus, exchangeOnce) > 0) {
			return;
		}
	}
	throw new Error(
		`the kernel delivered none of ${attempts} messages of a kind: ${JSON.stringify(readDirect(bus))}`,
	);
}

function expectDirect<Result>(
	bus: Bus,
	direct: boolean,
	expected: Expected,
	act: () => Result,
): Result {
	if (!hasDirectDelivery()) {
		return act();
	}
	const before = readDirect(bus);
	const result = act();
	const after = readDirect(bus);
	for (const key of ['delivered', 'answered', 'failed'] as const) {
		const counted = after[key] - before[key];
		const wanted = direct ? (expected[key] ?? counted) : 0;
		if (counted !== wanted) {
			throw new Error(
				`the kernel counted ${counted} ${key}, expected ${wanted}: it had ${JSON.stringify(before)}, it has ${JSON.stringify(after)}`,
			);
		}
	}
	return result;
}

async function startReady(t: Teardown, daemon: DaemonName, options: BusOptions): Promise<Bus> {
	const bus = await startBus(t, daemon, 'AF_DBUS', options);
	if (daemon === 'dbus-broker') {
		await waitForLauncher(t, bus);
	}
	return bus;
}

/** A bus that several tests have, and how it is configured now. */
interface SharedBus {
	bus: Bus;
	configuration: string;
}

const sharedBuses = new Map<string, Promise<SharedBus>>();
const lastTeardown = createTeardown();

/** Of each daemon there is one of each type, as that can't be configured later. */
async function shareBus(
	t: Teardown,
	daemon: DaemonName,
	configuration = sessionConfiguration,
): Promise<Bus> {
	const key = `${daemon} ${/<type>\w+<\/type>/.exec(configuration)?.[0] ?? ''}`;
	const start = async (): Promise<SharedBus> => ({
		bus: await startReady(lastTeardown, daemon, { configuration }),
		configuration,
	});
	const promise = sharedBuses.get(key) ?? start();
	sharedBuses.set(key, promise);
	const shared = await promise;
	emptyJournal();
	if (shared.configuration !== configuration) {
		await shared.bus.configure(configuration);
		const result = connectPeer(t, shared.bus.path).ask('ReloadConfig');
		if (result instanceof Error) {
			throw result;
		}
		shared.configuration = configuration;
	}
	return shared.bus;
}

/** Ends the buses that tests shared, once the last test has. */
export async function endSharedWayBuses(): Promise<void> {
	await lastTeardown.end();
}

/** Starts a bus for a test that runs one of the ways. */
export async function startWayBus(
	t: ExecutionContext,
	{ daemon, direct }: Way,
	{ lifetimeMilliseconds = longLifetime, shared, ...options }: WayOptions = {},
): Promise<WayBus> {
	setUntilEnd(t, 'direct', direct ? 1 : 0);
	setUntilEnd(t, 'flow_lifetime_ms', lifetimeMilliseconds);
	const bus =
		shared === true
			? await shareBus(t, daemon, options.configuration)
			: await startReady(t, daemon, options);
	return {
		...bus,
		connect: ({ path = bus.path, ...peer } = {}) => connectPeer(t, path, peer),
		establish: (from, to, kind, particulars) => {
			const exchangeOnce = (): void => {
				exchange(from, to, kind, particulars);
			};
			if (direct) {
				establish(bus, exchangeOnce);
			} else {
				exchangeOnce();
				exchangeOnce();
			}
		},
		expectDirect: (expected, act) => expectDirect(bus, direct, expected, act),
		direct: () => (hasDirectDelivery() ? readDirect(bus) : undefined),
	};
}

/** The process that accepts a bus's clients. */
export function daemonProcess(bus: Bus): number {
	return busAsListed(bus).bus.pid;
}

/** A test that runs through the daemon, and, where the kernel delivers, without it. */
export interface BothWaysDefinition {
	title: string;
	/** dbus-daemon where left out. */
	daemons?: readonly DaemonName[];
	needs?: Needs;
	check: (t: ExecutionContext, way: Way) => Promise<void> | void;
}

/** All daemons, for tests that apply to each. */
export const allDaemons: readonly DaemonName[] = ['dbus-daemon', 'dbus-broker'];

/** A test for each daemon, and for each way a message may take. */
export function defineBothWays(definition: BothWaysDefinition): void {
	const { title, daemons: on = ['dbus-daemon'], needs = {}, check } = definition;
	for (const daemon of on) {
		for (const direct of [false, true]) {
			defineTest({
				title: `direct ${direct ? 'on' : 'off'}, ${daemon}: ${title}`,
				needs: {
					root: true,
					config: ['CONFIG_AF_DBUS'],
					...(direct && { directDelivery: true }),
					...needs,
					programs: [daemonPrograms[daemon], ...(needs.programs ?? [])],
				},
				check: (t) => check(t, { daemon, direct }),
			});
		}
	}
}

/** {@link defineBothWays} for each row of a table. */
export function defineRowsBothWays<Row>(
	rows: readonly Row[],
	define: (row: Row) => BothWaysDefinition,
): void {
	for (const row of rows) {
		defineBothWays(define(row));
	}
}
