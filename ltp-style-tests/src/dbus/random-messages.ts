// SPDX-License-Identifier: GPL-2.0-only
/*
 * Valid messages' bodies with whatever the specification allows, the same in each run.
 */
import { pickOne, type Pick } from './random.js';
import { createWriter, type ByteOrder, type Writer } from './wire.js';

/** What a value of a type is aligned to, by the type's first letter. */
const alignments: Readonly<Record<string, number>> = {
	...{ y: 1, g: 1, v: 1, n: 2, q: 2, b: 4, i: 4, u: 4, h: 4, s: 4, o: 4, a: 4 },
	...{ x: 8, t: 8, d: 8, '(': 8, '{': 8 },
};

const basicTypes = ['y', 'b', 'n', 'q', 'i', 'u', 'x', 't', 'd', 's', 'o', 'g'] as const;

/** How deep arrays, structures and variants lie in each other. */
const deepest = 4;

function randomType(pick: Pick, depth: number): string {
	const kind = depth >= deepest ? 0 : pick(8);
	switch (kind) {
		case 1: {
			return `a${randomType(pick, depth + 1)}`;
		}
		case 2: {
			return `(${randomSignature(pick, 1 + pick(3), depth + 1)})`;
		}
		case 3: {
			return `a{${pickOne(pick, basicTypes)}${randomType(pick, depth + 1)}}`;
		}
		case 4: {
			return 'v';
		}
		default: {
			return pickOne(pick, basicTypes);
		}
	}
}

function randomSignature(pick: Pick, count: number, depth = 0): string {
	return Array.from({ length: count }, () => randomType(pick, depth)).join('');
}

/** The first complete type of a signature. */
function firstType(signature: string): string {
	const [first = ''] = signature;
	if (first === 'a') {
		return `a${firstType(signature.slice(1))}`;
	}
	if (first !== '(' && first !== '{') {
		return first;
	}
	let end = 1;
	while (signature[end] !== ')' && signature[end] !== '}') {
		end += firstType(signature.slice(end)).length;
	}
	return signature.slice(0, end + 1);
}

const texts = ['', 'x', 'tō whom', 'a longer text, of which there is more than fits into a word'];
const paths = ['/', '/a', '/org/example/Object_1'];
const signatures = ['', 'y', 'a{sv}', '(ii)as'];

function writeBasic(writer: Writer, pick: Pick, type: string): void {
	const word = (pick(0x10000) * 0x10000 + pick(0x10000)) >>> 0;
	switch (type) {
		case 'y': {
			writer.byte(word & 0xff);
			break;
		}
		case 'b': {
			writer.u32(word & 1);
			break;
		}
		case 'n':
		case 'q': {
			writer.u16(word & 0xffff);
			break;
		}
		case 'i':
		case 'u': {
			writer.u32(word);
			break;
		}
		case 'x':
		case 't':
		case 'd': {
			writer.u64((BigInt(word) << 32n) | BigInt(pick(0x10000)));
			break;
		}
		case 's': {
			writer.text(pickOne(pick, texts));
			break;
		}
		case 'o': {
			writer.text(pickOne(pick, paths));
			break;
		}
		case 'g': {
			writer.signature(pickOne(pick, signatures));
			break;
		}
		default: {
			throw new Error(`"${type}" is no type of D-Bus that this can write`);
		}
	}
}

function writeValue(writer: Writer, pick: Pick, type: string, depth: number): void {
	switch (type.charAt(0)) {
		case 'a': {
			const element = type.slice(1);
			writer.array(alignments[element[0] ?? ''] ?? 1, () => {
				for (let count = pick(depth === 0 ? 6 : 3); count > 0; count--) {
					writeValue(writer, pick, element, depth + 1);
				}
			});
			break;
		}
		case '(':
		case '{': {
			writer.align(8);
			writeAll(writer, pick, type.slice(1, -1), depth + 1);
			break;
		}
		case 'v': {
			const inner = randomType(pick, Math.max(depth + 1, 2));
			writer.signature(inner);
			writeValue(writer, pick, inner, depth + 1);
			break;
		}
		default: {
			writeBasic(writer, pick, type);
		}
	}
}

function writeAll(writer: Writer, pick: Pick, signature: string, depth = 0): void {
	for (let rest = signature; rest !== '';) {
		const type = firstType(rest);
		writeValue(writer, pick, type, depth);
		rest = rest.slice(type.length);
	}
}

/** A body and its signature, both empty at times. */
export function randomBody(pick: Pick, order: ByteOrder): { signature: string; body: Buffer } {
	const signature = randomSignature(pick, pick(5));
	const writer = createWriter(order);
	writeAll(writer, pick, signature);
	return { signature, body: writer.bytes() };
}
