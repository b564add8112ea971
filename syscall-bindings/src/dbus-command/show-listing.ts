// SPDX-License-Identifier: GPL-2.0-only
import type { DbusListing, ListedBus, ListedConnection, ListedDirect } from '../dbus-listing.js';
import { formatTable, type Column } from './format-table.js';

/** The name of the program that a process runs; undefined where that can't be told. */
export type ProgramOf = (pid: number) => string | undefined;

const connectionColumns: readonly Column[] = [
	{ title: 'CONNECTION', right: true },
	{ title: 'NAME' },
	{ title: 'PID', right: true },
	{ title: 'PROGRAM' },
	{ title: 'UID', right: true },
	{ title: 'NAMES', right: true },
	{ title: 'RECEIVED', right: true },
	{ title: 'SENT', right: true },
	{ title: 'NOTES' },
];

const nameColumns: readonly Column[] = [
	{ title: 'NAME' },
	{ title: 'OWNER' },
	{ title: 'WAITING' },
];

function count(number: number, one: string, many = `${one}s`): string {
	return `${number} ${number === 1 ? one : many}`;
}

function pairs(added: Readonly<Record<string, string>>): string[] {
	return Object.entries(added).map(([key, value]) => `${key}=${value}`);
}

function busLine(id: number, bus: ListedBus | undefined, programOf: ProgramOf): string {
	if (bus === undefined) {
		return `bus ${id}: another user's, of which only connections of your own are shown`;
	}
	const program = programOf(bus.pid);
	const daemon =
		bus.pid === 0 ? 'no daemon' : `pid ${bus.pid}${program === undefined ? '' : ` (${program})`}`;
	const watchers = [
		[bus.monitors, 'monitor'] as const,
		[bus.eavesdroppers, 'eavesdropper'] as const,
		[bus.suspects, 'suspect'] as const,
	].flatMap(([number, what]) => (number === 0 ? [] : [count(number, what)]));
	return [
		`bus ${id}: ${daemon}`,
		`uid ${bus.uid}`,
		count(bus.connections, 'connection'),
		count(bus.names, 'name'),
		`${count(bus.received, 'message')} received`,
		`${bus.sent} sent`,
		...watchers,
		...pairs(bus.added),
	].join(', ');
}

/** What went without the daemon, and why the rest didn't. */
function directLine(direct: ListedDirect): string {
	const { flows, delivered, answered, failed, pending, queued, left, added } = direct;
	const reasons = Object.entries(left).flatMap(([reason, number]) =>
		number === 0 ? [] : [`${number} ${reason}`],
	);
	return [
		`directly: ${count(delivered, 'message')} and ${count(answered, 'reply', 'replies')}`,
		count(flows, 'flow'),
		...(pending === 0 ? [] : [`${count(pending, 'reply', 'replies')} awaited`]),
		...(queued === 0 ? [] : [`${count(queued, 'byte')} unread`]),
		...(failed === 0 ? [] : [`${count(failed, 'callee')} gone`]),
		...(reasons.length === 0 ? [] : [`left to the daemon: ${reasons.join(', ')}`]),
		...pairs(added),
	].join(', ');
}

/** What is unusual about a connection, and what of it isn't known here. */
function notesOn(connection: ListedConnection): string {
	const { receives, sends, monitor, eavesdrops, unsure, fds, added } = connection;
	return [
		...(receives === 'messages' ? [] : [`receives: ${receives}`]),
		...(sends === 'messages' ? [] : [`sends: ${sends}`]),
		...(fds ? ['passes descriptors'] : []),
		...(monitor ? ['monitor'] : []),
		...(eavesdrops === 0 ? [] : [`${count(eavesdrops, 'rule')} eavesdropping`]),
		...(unsure ? ['unsure'] : []),
		...pairs(added),
	].join(', ');
}

function connectionRow(connection: ListedConnection, programOf: ProgramOf): string[] {
	return [
		`${connection.id}`,
		connection.name ?? '-',
		`${connection.pid}`,
		programOf(connection.pid) ?? '-',
		`${connection.uid}`,
		`${connection.names}`,
		`${connection.received}`,
		`${connection.sent}`,
		notesOn(connection),
	];
}

function showBus(listing: DbusListing, id: number, programOf: ProgramOf): string {
	const bus = listing.buses.find((listed) => listed.id === id);
	const connections = listing.connections.filter((listed) => listed.bus === id);
	// That a unique name belongs to who has it, the other table says.
	const names = listing.names.filter((listed) => listed.bus === id && !listed.name.startsWith(':'));
	const parts = [
		`${busLine(id, bus, programOf)}\n${bus?.direct ? `  ${directLine(bus.direct)}\n` : ''}`,
		...(connections.length === 0
			? []
			: [
					formatTable(
						connectionColumns,
						connections.map((connection) => connectionRow(connection, programOf)),
					),
				]),
		...(names.length === 0
			? []
			: [
					formatTable(
						nameColumns,
						names
							.toSorted((one, other) => (one.name < other.name ? -1 : 1))
							.map(({ name, owner, waiting }) => [name, owner ?? '-', waiting.join(' ')]),
					),
				]),
	];
	return parts.join('\n');
}

/** A listing as people read it: each bus, its connections, and its well-known names. */
export function showListing(listing: DbusListing, programOf: ProgramOf): string {
	const ids = new Set([
		...listing.buses.map(({ id }) => id),
		...listing.connections.map(({ bus }) => bus),
	]);
	return ids.size === 0
		? 'no bus that you may see\n'
		: [...ids].map((id) => showBus(listing, id, programOf)).join('\n');
}
