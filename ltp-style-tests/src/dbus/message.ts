// SPDX-License-Identifier: GPL-2.0-only

/** An argument of a method of the bus itself: a string, or a number of 32 bits. */
export type Argument = string | number;

/** What a client looks at in a message that it receives. */
export interface Message {
	type: number;
	replySerial: number;
	signature: string;
	body: Buffer;
}

/** The types of messages, as the specification numbers them. */
export const messageType = { call: 1, return: 2, error: 3, signal: 4 } as const;

/** The flag of a call that wants no reply. */
export const noReplyExpected = 1;

const field = { path: 1, interface: 2, member: 3, replySerial: 5, destination: 6, signature: 8 };
const fixedLength = 16;
const bus = 'org.freedesktop.DBus';

function align(length: number, alignment: number): number {
	return Math.ceil(length / alignment) * alignment;
}

function padding(length: number, alignment: number): Buffer {
	return Buffer.alloc(align(length, alignment) - length);
}

function u32(value: number): Buffer {
	const buffer = Buffer.alloc(4);
	buffer.writeUInt32LE(value);
	return buffer;
}

function text(value: string): Buffer {
	const bytes = Buffer.from(value);
	return Buffer.concat([u32(bytes.length), bytes, Buffer.alloc(1)]);
}

function headerField(code: number, type: 'o' | 's' | 'g', value: string): Buffer {
	const head = Buffer.from([code, 1, type.charCodeAt(0), 0]);
	const short = Buffer.concat([Buffer.from([value.length]), Buffer.from(`${value}\0`)]);
	return Buffer.concat([head, type === 'g' ? short : text(value)]);
}

/**
 * A call of a method of the bus itself.
 * @param flags of its header, such as {@link noReplyExpected}
 */
export function busCall(
	serial: number,
	member: string,
	args: readonly Argument[],
	flags = 0,
): Buffer {
	const signature = args.map((arg) => (typeof arg === 'string' ? 's' : 'u')).join('');
	const fields = [
		headerField(field.path, 'o', '/org/freedesktop/DBus'),
		headerField(field.interface, 's', bus),
		headerField(field.member, 's', member),
		headerField(field.destination, 's', bus),
		...(signature === '' ? [] : [headerField(field.signature, 'g', signature)]),
	];
	let body = Buffer.alloc(0);
	for (const arg of args) {
		const value = typeof arg === 'string' ? text(arg) : u32(arg);
		body = Buffer.concat([body, padding(body.length, 4), value]);
	}
	let header = Buffer.alloc(0);
	for (const one of fields) {
		header = Buffer.concat([header, padding(header.length, 8), one]);
	}
	const start = Buffer.from([0x6c, messageType.call, flags, 1]);
	const fixed = [start, u32(body.length), u32(serial), u32(header.length)];
	// The padding after the last field is not counted with the fields.
	return Buffer.concat([...fixed, header, padding(header.length, 8), body]);
}

/** How long the message is that begins there; undefined as long as that can't be told. */
export function messageLength(buffer: Buffer): number | undefined {
	if (buffer.length < fixedLength) {
		return undefined;
	}
	return align(fixedLength + buffer.readUInt32LE(12), 8) + buffer.readUInt32LE(4);
}

/** Takes a whole message apart, as far as a client of the bus itself needs it. */
export function readMessage(buffer: Buffer): Message {
	const end = fixedLength + buffer.readUInt32LE(12);
	const message = {
		type: buffer.readUInt8(1),
		replySerial: 0,
		signature: '',
		body: buffer.subarray(align(end, 8)),
	};
	let position = fixedLength;
	while (position < end) {
		position = align(position, 8);
		const code = buffer.readUInt8(position);
		const type = String.fromCharCode(buffer.readUInt8(position + 2));
		position += 4;
		if (type === 'u') {
			message.replySerial =
				code === field.replySerial ? buffer.readUInt32LE(position) : message.replySerial;
			position += 4;
		} else if (type === 'g') {
			const length = buffer.readUInt8(position);
			message.signature = buffer.toString('latin1', position + 1, position + 1 + length);
			position += length + 2;
		} else {
			position += 4 + buffer.readUInt32LE(position) + 1;
		}
	}
	return message;
}

function readText(body: Buffer, position: number): [value: string, next: number] {
	const start = align(position, 4) + 4;
	const end = start + body.readUInt32LE(start - 4);
	return [body.toString('utf8', start, end), end + 1];
}

/** The only argument of a reply: a string, a number, or an array of strings. */
export function readArgument({ signature, body }: Message): string | number | string[] {
	switch (signature) {
		case 's': {
			return readText(body, 0)[0];
		}
		case 'b':
		case 'u': {
			return body.readUInt32LE(0);
		}
		case 'as': {
			const end = 4 + body.readUInt32LE(0);
			const strings: string[] = [];
			for (let position = 4; position < end;) {
				const [value, next] = readText(body, position);
				strings.push(value);
				position = next;
			}
			return strings;
		}
		default: {
			throw new Error(`expected a reply of the signature s, b, u or as, got "${signature}"`);
		}
	}
}
