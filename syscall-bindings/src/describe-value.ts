// SPDX-License-Identifier: GPL-2.0-only
import { inspect } from 'node:util';

/** An object by its class alone: its contents would drown the message. */
function describeObject(value: object): string {
	const prototype: unknown = Object.getPrototypeOf(value);
	const maker: unknown =
		typeof prototype === 'object' && prototype !== null
			? Reflect.get(prototype, 'constructor')
			: undefined;
	return typeof maker === 'function' && maker.name !== ''
		? `an instance of ${maker.name}`
		: 'an object';
}

/** A value as an error message quotes it, such as `the number 4096` or `null`. */
export function describeValue(value: unknown): string {
	switch (typeof value) {
		case 'undefined':
			return 'undefined';
		case 'object':
			return value === null ? 'null' : describeObject(value);
		case 'function':
			return 'a function';
		case 'string':
		case 'number':
		case 'bigint':
		case 'boolean':
		case 'symbol':
			return `the ${typeof value} ${inspect(value, { maxStringLength: 60 })}`;
	}
}
