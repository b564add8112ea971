// SPDX-License-Identifier: GPL-2.0-only
/*
 * No wrong value reaches native code, where it would wrap, fail without words or abort Node:
 * each argument of each function, with values of other types and out of range.
 */
import net from 'node:net';

import * as bindings from '@fastipc/syscall-bindings';
import * as listing from '@fastipc/syscall-bindings/dbus-listing';
import * as measuring from '@fastipc/syscall-bindings/measure-loop';
import test from 'ava';

import { describeValue } from '../src/describe-value.js';

/** Values that an argument must refuse. */
interface Kind {
	wrongTypes: readonly unknown[];
	outOfRange: readonly unknown[];
}

const neitherNumberNorMissing = ['1', 1n, null, true, {}, [1], Symbol('1'), () => 1];
const notWhole = [Number.NaN, Number.POSITIVE_INFINITY, 0.5];

const pid: Kind = {
	wrongTypes: [...neitherNumberNorMissing, undefined],
	outOfRange: [...notWhole, 2 ** 31, -(2 ** 31) - 1],
};
const flags: Kind = {
	wrongTypes: neitherNumberNorMissing,
	outOfRange: [...notWhole, 2 ** 32, -(2 ** 31) - 1],
};
const requiredFlags: Kind = { ...flags, wrongTypes: [...neitherNumberNorMissing, undefined] };
const descriptor: Kind = { ...pid, outOfRange: [...notWhole, 2 ** 31, -2] };
const address: Kind = {
	wrongTypes: ['1', 4096, null, undefined, true, {}, Buffer.alloc(8)],
	outOfRange: [-1n, 2n ** 64n],
};
const optionalAddress: Kind = { ...address, wrongTypes: ['1', 4096, null, true, {}] };
const length: Kind = {
	wrongTypes: ['1', null, undefined, true, {}],
	outOfRange: [...notWhole, -1, 2 ** 53, -1n, 2n ** 64n],
};
const numberOfBytes: Kind = { ...pid, outOfRange: [...notWhole, -1, 2 ** 32 + 1] };
const buffer: Kind = {
	wrongTypes: [
		'bytes',
		4096n,
		null,
		undefined,
		[1, 2],
		new ArrayBuffer(8),
		new DataView(new ArrayBuffer(8)),
		new Uint16Array(4),
		new Uint8ClampedArray(8),
		Object.create(Uint8Array.prototype),
	],
	outOfRange: [],
};
const array: Kind = { wrongTypes: ['1', 1, null, undefined, {}, Buffer.alloc(8)], outOfRange: [] };
const object: Kind = { wrongTypes: ['1', 1, 1n, null, true], outOfRange: [] };
const requiredObject: Kind = { ...object, wrongTypes: [...object.wrongTypes, undefined] };
const word: Kind = {
	wrongTypes: [1, '1', null, undefined, new Uint16Array(4)],
	outOfRange: [-(2n ** 63n) - 1n, 2n ** 64n],
};

/** A function's argument, and how to call with any value in its place. */
interface Row {
	name: string;
	argument: string;
	kind: Kind;
	parameters: (value: unknown) => unknown[];
}

const memory = Buffer.alloc(16);
const { pid: self } = process;

function rowsOfCopying(name: 'copyFromProcess' | 'copyToProcess'): Row[] {
	return [
		{ name, argument: 'pid', kind: pid, parameters: (value) => [value, 1n, memory] },
		{ name, argument: 'address', kind: address, parameters: (value) => [self, value, memory] },
		{ name, argument: 'buffer', kind: buffer, parameters: (value) => [self, 1n, value] },
		{ name, argument: 'flags', kind: flags, parameters: (value) => [self, 1n, memory, value] },
	];
}

function rowsOfVectors(name: 'processVmReadv' | 'processVmWritev'): Row[] {
	const range = { address: 1n, length: 1 };
	const withRange = (changed: object): unknown[] => [
		self,
		[memory],
		[range, { ...range, ...changed }],
	];
	return [
		{ name, argument: 'pid', kind: pid, parameters: (value) => [value, [memory], [range]] },
		{ name, argument: 'local', kind: array, parameters: (value) => [self, value, [range]] },
		{
			name,
			argument: 'local[1]',
			kind: buffer,
			parameters: (value) => [self, [memory, value], [range]],
		},
		{ name, argument: 'remote', kind: array, parameters: (value) => [self, [memory], value] },
		{
			name,
			argument: 'remote[0]',
			kind: requiredObject,
			parameters: (value) => [self, [memory], [value]],
		},
		{
			name,
			argument: 'remote[1].address',
			kind: address,
			parameters: (value) => withRange({ address: value }),
		},
		{
			name,
			argument: 'remote[1].length',
			kind: length,
			parameters: (value) => withRange({ length: value }),
		},
		{
			name,
			argument: 'flags',
			kind: flags,
			parameters: (value) => [self, [memory], [range], value],
		},
	];
}

function rowsOfRange(name: string, last: string): Row[] {
	return [
		{ name, argument: 'address', kind: address, parameters: (value) => [value, 4096, 0] },
		{ name, argument: 'length', kind: length, parameters: (value) => [0n, value, 0] },
		{ name, argument: last, kind: requiredFlags, parameters: (value) => [0n, 4096, value] },
	];
}

const rowsOfMemory: Row[] = [
	{ name: 'addressOf', argument: 'buffer', kind: buffer, parameters: (value) => [value] },
	{ name: 'readMemory', argument: 'address', kind: address, parameters: (value) => [value, 1] },
	{
		name: 'readMemory',
		argument: 'length',
		kind: numberOfBytes,
		parameters: (value) => [0n, value],
	},
	{
		name: 'writeMemory',
		argument: 'address',
		kind: address,
		parameters: (value) => [value, memory],
	},
	{ name: 'writeMemory', argument: 'bytes', kind: buffer, parameters: (value) => [0n, value] },
	{ name: 'mapMemory', argument: 'length', kind: length, parameters: (value) => [value] },
	{ name: 'mapMemory', argument: 'options', kind: object, parameters: (value) => [4096, value] },
	...rowsOfRange('protectMemory', 'protection'),
	...rowsOfRange('adviseMemory', 'advice'),
	...rowsOfRange('unmapMemory', '').filter(({ argument }) => argument !== ''),
	...(
		[
			['protection', flags],
			['flags', flags],
			['address', optionalAddress],
			['offset', optionalAddress],
			['descriptor', { ...descriptor, wrongTypes: neitherNumberNorMissing }],
		] as const
	).map(([option, kind]) => ({
		name: 'mapMemory',
		argument: `options.${option}`,
		kind,
		parameters: (value: unknown) => [4096, { [option]: value }],
	})),
];

const boolean: Kind = { wrongTypes: [1, 0, 'true', null, undefined], outOfRange: [] };
const tracer: Kind = { ...pid, wrongTypes: [1n, null, undefined, true], outOfRange: [-1, 2 ** 31] };
const errorNumber: Kind = { ...pid, outOfRange: [...notWhole, 4096, -4096] };
const callName: Kind = {
	wrongTypes: [39n, null, undefined, ['getpid']],
	outOfRange: [...notWhole, 2 ** 31, 'no_such_call', 'toString'],
};

const rowsOfProcess: Row[] = [
	{ name: 'pidfdOpen', argument: 'pid', kind: pid, parameters: (value) => [value] },
	{ name: 'pidfdOpen', argument: 'flags', kind: flags, parameters: (value) => [self, value] },
	{
		name: 'closeDescriptor',
		argument: 'descriptor',
		kind: descriptor,
		parameters: (value) => [value],
	},
	{ name: 'setDumpable', argument: 'dumpable', kind: boolean, parameters: (value) => [value] },
	{ name: 'setPtracer', argument: 'tracer', kind: tracer, parameters: (value) => [value] },
	{ name: 'errnoName', argument: 'errno', kind: errorNumber, parameters: (value) => [value] },
	{ name: 'systemCall', argument: 'name', kind: callName, parameters: (value) => [value] },
	...[0, 1, 2, 3, 4, 5].map((index) => ({
		name: 'systemCall',
		argument: `argument ${index + 1}`,
		kind: word,
		parameters: (value: unknown) => ['getpid', ...new Array<bigint>(index).fill(0n), value],
	})),
];

const loop = { iterations: 1, pid: self, address: 1n, length: 1 };
const subject: Kind = {
	wrongTypes: [1, null, undefined, ['memcpy']],
	outOfRange: ['strcpy', 'toString'],
};

const rowsOfMeasuring: Row[] = [
	{ name: 'measureLoop', argument: 'subject', kind: subject, parameters: (value) => [value, loop] },
	{
		name: 'measureLoop',
		argument: 'options',
		kind: requiredObject,
		parameters: (value) => ['memcpy', value],
	},
	...(
		[
			['iterations', { ...pid, outOfRange: [...notWhole, 0, 2 ** 53] }],
			['pid', pid],
			['address', address],
			['length', numberOfBytes],
		] as const
	).map(([option, kind]) => ({
		name: 'measureLoop',
		argument: `options.${option}`,
		kind,
		parameters: (value: unknown) => ['process_vm_readv', { ...loop, [option]: value }],
	})),
];

const family: Kind = { ...pid, outOfRange: [...notWhole, -1, 65536] };
const wholeInt: Kind = {
	wrongTypes: neitherNumberNorMissing,
	outOfRange: [...notWhole, -1, 2 ** 31],
};
const text: Kind = {
	wrongTypes: [1, 1n, null, undefined, true, {}, Buffer.from('/x')],
	outOfRange: [],
};
const addressPath: Kind = {
	...text,
	outOfRange: ['x'.repeat(108), 'half\0way', `\0${'x'.repeat(108)}`],
};
const addressOfSocket = { family: bindings.AF_UNIX, path: 'nowhere/x' };

function rowsOfAddress(name: 'bindSocket' | 'connectSocket'): Row[] {
	return [
		{
			name,
			argument: 'descriptor',
			kind: descriptor,
			parameters: (value) => [value, addressOfSocket],
		},
		{ name, argument: 'address', kind: requiredObject, parameters: (value) => [-1, value] },
		{
			name,
			argument: 'address.family',
			kind: family,
			parameters: (value) => [-1, { ...addressOfSocket, family: value }],
		},
		{
			name,
			argument: 'address.path',
			kind: addressPath,
			parameters: (value) => [-1, { ...addressOfSocket, path: value }],
		},
	];
}

/** Functions that take a descriptor first, and what else they take. */
const rowsOfDescriptors: Row[] = (
	[
		['listenSocket'],
		['acceptConnection'],
		['sendBytes', memory],
		['receiveBytes', memory],
		['shutdownSocket', 0],
		['socketAddress'],
		['peerAddress'],
		['pollDescriptor', 0, 0],
		['upgradeToDbus'],
		['isDbusSocket'],
		['setOnlyWayIn', true],
		['isOnlyWayIn'],
		['dbusConnection'],
	] as const
).map(([name, ...others]) => ({
	name,
	argument: 'descriptor',
	kind: descriptor,
	parameters: (value) => [value, ...others],
}));

const server: Kind = { wrongTypes: [1, null, undefined, {}, () => 1, net.Server], outOfRange: [] };
const idleServer = net.createServer();

const rowsOfSockets: Row[] = [
	{ name: 'openSocket', argument: 'family', kind: family, parameters: (value) => [value] },
	{ name: 'openSocket', argument: 'type', kind: wholeInt, parameters: (value) => [1, value] },
	{
		name: 'openSocket',
		argument: 'protocol',
		kind: wholeInt,
		parameters: (value) => [1, 1, value],
	},
	...rowsOfAddress('bindSocket'),
	...rowsOfAddress('connectSocket'),
	...rowsOfDescriptors,
	{ name: 'listenSocket', argument: 'backlog', kind: wholeInt, parameters: (value) => [-1, value] },
	{ name: 'acceptConnection', argument: 'flags', kind: flags, parameters: (value) => [-1, value] },
	{ name: 'sendBytes', argument: 'bytes', kind: buffer, parameters: (value) => [-1, value] },
	{ name: 'sendBytes', argument: 'flags', kind: flags, parameters: (value) => [-1, memory, value] },
	{ name: 'receiveBytes', argument: 'buffer', kind: buffer, parameters: (value) => [-1, value] },
	{
		name: 'receiveBytes',
		argument: 'flags',
		kind: flags,
		parameters: (value) => [-1, memory, value],
	},
	{
		name: 'shutdownSocket',
		argument: 'how',
		kind: requiredFlags,
		parameters: (value) => [-1, value],
	},
	{
		name: 'pollDescriptor',
		argument: 'events',
		kind: family,
		parameters: (value) => [-1, value, 0],
	},
	{
		name: 'pollDescriptor',
		argument: 'milliseconds',
		kind: { ...wholeInt, wrongTypes: [...wholeInt.wrongTypes, undefined] },
		parameters: (value) => [-1, 0, value],
	},
	{
		name: 'setOnlyWayIn',
		argument: 'onlyWayIn',
		kind: boolean,
		parameters: (value) => [-1, value],
	},
	{ name: 'connectDbus', argument: 'path', kind: text, parameters: (value) => [value] },
	{ name: 'listenDbus', argument: 'server', kind: server, parameters: (value) => [value, 'x'] },
	{ name: 'listenDbus', argument: 'path', kind: text, parameters: (value) => [idleServer, value] },
	{
		name: 'listenDbus',
		argument: 'backlog',
		kind: wholeInt,
		parameters: (value) => [idleServer, 'x', value],
	},
	{ name: 'parseDbusListing', argument: 'text', kind: text, parameters: (value) => [value] },
];

const rows: Row[] = [
	...rowsOfCopying('copyFromProcess'),
	...rowsOfCopying('copyToProcess'),
	...rowsOfVectors('processVmReadv'),
	...rowsOfVectors('processVmWritev'),
	...rowsOfMemory,
	...rowsOfProcess,
	...rowsOfMeasuring,
	...rowsOfSockets,
];

type AnyFunction = (...parameters: never[]) => unknown;

const functions = new Map<string, AnyFunction>(
	Object.entries({ ...bindings, ...listing, ...measuring }).flatMap(([name, value]) =>
		typeof value === 'function' ? [[name, value]] : [],
	),
);

function call(row: Row, value: unknown): unknown {
	const target = functions.get(row.name);
	if (target === undefined) {
		throw new Error(`there is no function ${row.name}`);
	}
	return Reflect.apply(target, undefined, row.parameters(value));
}

for (const row of rows) {
	test(`${row.name} refuses wrong values of ${row.argument}`, (t) => {
		const start = `${row.name}: ${row.argument} must be `;
		for (const value of row.kind.wrongTypes) {
			const error = t.throws(() => call(row, value), {
				instanceOf: TypeError,
				code: 'ERR_INVALID_ARG_TYPE',
			});
			t.true(error.message.startsWith(start), error.message);
			t.true(error.message.endsWith(`, got ${describeValue(value)}`), error.message);
		}
		for (const value of row.kind.outOfRange) {
			const error = t.throws(() => call(row, value), {
				instanceOf: RangeError,
				code: 'ERR_OUT_OF_RANGE',
			});
			t.true(error.message.startsWith(start), error.message);
			t.true(error.message.endsWith(`, got ${describeValue(value)}`), error.message);
		}
	});
}

/** Names of a function's parameters, as its source has them. */
function parametersOf(target: AnyFunction): string[] {
	const [, list = ''] = /\(([^)]*)\)/.exec(target.toString()) ?? [];
	return list
		.split(',')
		.map((parameter) => parameter.replace(/=.*/s, '').trim())
		.filter((parameter) => parameter !== '');
}

test('the table has every argument of every function', (t) => {
	// It takes anything: that is what it is for.
	const takesAnything = new Set(['isSystemError']);
	for (const [name, target] of functions) {
		if (!takesAnything.has(name)) {
			for (const parameter of parametersOf(target)) {
				const argument = parameter === '...parameters' ? 'argument 1' : parameter;
				t.true(
					rows.some((row) => row.name === name && row.argument === argument),
					`${name} has an argument ${argument} without a row`,
				);
			}
		}
	}
	t.true(functions.size > 15);
});

test('messages quote what was got', (t) => {
	const messageOf = (value: unknown): string =>
		t.throws(() =>
			call({ name: 'addressOf', argument: '', kind: buffer, parameters: (it) => [it] }, value),
		).message;
	t.is(
		messageOf('text'),
		"addressOf: buffer must be a Uint8Array or Buffer, got the string 'text'",
	);
	t.is(messageOf(12n), 'addressOf: buffer must be a Uint8Array or Buffer, got the bigint 12n');
	t.is(
		messageOf(new Uint16Array(2)),
		'addressOf: buffer must be a Uint8Array or Buffer, got an instance of Uint16Array',
	);
	t.is(messageOf(null), 'addressOf: buffer must be a Uint8Array or Buffer, got null');
});

test('systemCall takes no seventh argument', (t) => {
	const parameters = new Array<bigint>(7).fill(0n);
	t.throws(() => bindings.systemCall('getpid', ...parameters), {
		instanceOf: RangeError,
		message: 'systemCall: at most 6 arguments after the name, got 7',
	});
});
