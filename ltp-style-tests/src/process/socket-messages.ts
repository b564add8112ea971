// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bytes with what goes beside them on a socket: descriptors and credentials.
 */
import {
	addressOf,
	closeDescriptor,
	errnoName,
	systemCall,
	type SystemCallName,
} from '@fastipc/syscall-bindings';
import { readFileSync } from 'node:fs';

const SOL_SOCKET = 1;
const SCM_RIGHTS = 1;
const SCM_CREDENTIALS = 2;
const SCM_PIDFD = 4;
const MSG_CMSG_CLOEXEC = 0x40000000n;
const EAGAIN = 11;

/** Has each message that is received bring its sender's credentials. */
export const SO_PASSCRED = 16;
/** Has each message that is received bring a descriptor of its sender's process. */
export const SO_PASSPIDFD = 76;

const headerLength = 16;

/** A struct msghdr, and what it points at, which must live as long as it is used. */
interface MessageHeader {
	header: Buffer;
	parts: readonly Buffer[];
}

function messageHeader(bytes: Buffer, control: Buffer): MessageHeader {
	const vector = Buffer.alloc(16);
	vector.writeBigUInt64LE(addressOf(bytes), 0);
	vector.writeBigUInt64LE(BigInt(bytes.length), 8);
	const header = Buffer.alloc(56);
	header.writeBigUInt64LE(addressOf(vector), 16);
	header.writeBigUInt64LE(1n, 24);
	header.writeBigUInt64LE(control.length === 0 ? 0n : addressOf(control), 32);
	header.writeBigUInt64LE(BigInt(control.length), 40);
	return { header, parts: [bytes, vector, control] };
}

/** Calls, and returns the count; undefined where a non-blocking socket isn't ready. */
function transfer(
	call: SystemCallName,
	descriptor: number,
	{ header, parts }: MessageHeader,
	flags = 0n,
): number | undefined {
	const { returned, errno } = systemCall(call, BigInt(descriptor), header, flags);
	if (errno !== 0 && errno !== EAGAIN) {
		const length = parts[0]?.length ?? 0;
		throw new Error(`${call}: descriptor ${descriptor}, ${length} bytes: ${errnoName(errno)}`);
	}
	return errno === 0 ? Number(returned) : undefined;
}

/**
 * Switches an option of a socket on.
 * @throws Error with the errno's name if the kernel refuses
 */
export function switchOn(descriptor: number, option: number): void {
	const one = new Uint8Array(Int32Array.of(1).buffer);
	const words = [BigInt(descriptor), BigInt(SOL_SOCKET), BigInt(option)];
	const { errno } = systemCall('setsockopt', ...words, one, 4n);
	if (errno !== 0) {
		throw new Error(`setsockopt: socket option ${option}: ${errnoName(errno)}`);
	}
}

/**
 * Sends bytes with descriptors, all at once.
 * @throws Error unless all of them are taken
 */
export function sendWithDescriptors(
	descriptor: number,
	bytes: Buffer,
	descriptors: readonly number[],
): void {
	const length = headerLength + 4 * descriptors.length;
	const control = Buffer.alloc(Math.ceil(length / 8) * 8);
	control.writeBigUInt64LE(BigInt(length), 0);
	control.writeInt32LE(SOL_SOCKET, 8);
	control.writeInt32LE(SCM_RIGHTS, 12);
	for (const [index, passed] of descriptors.entries()) {
		control.writeInt32LE(passed, headerLength + 4 * index);
	}
	const sent = transfer('sendmsg', descriptor, messageHeader(bytes, control));
	if (sent !== bytes.length) {
		throw new Error(`sendmsg took ${sent ?? 0} of ${bytes.length} bytes`);
	}
}

/** What came with bytes. */
export interface Brought {
	/** None where nothing is there now, none at the end of the stream either. */
	bytes: Buffer;
	credentials?: { pid: number; uid: number; gid: number };
	/** The process that a process descriptor is of. */
	pidfdOf?: number;
	/** How many descriptors; they are closed. */
	descriptors: number;
}

/** The process that a process descriptor is of, which is closed. */
function processOf(pidfd: number): number {
	const information = readFileSync(`/proc/self/fdinfo/${pidfd}`, 'utf8');
	closeDescriptor(pidfd);
	return Number(/^Pid:\s*(-?\d+)$/m.exec(information)?.[1] ?? 'NaN');
}

function readControl(control: Buffer, brought: Brought): void {
	for (let at = 0; at + headerLength <= control.length;) {
		const length = Number(control.readBigUInt64LE(at));
		const type = control.readInt32LE(at + 12);
		const data = control.subarray(at + headerLength, at + length);
		if (type === SCM_CREDENTIALS) {
			const [pid = 0, uid = 0, gid = 0] = [0, 4, 8].map((offset) => data.readInt32LE(offset));
			brought.credentials = { pid, uid, gid };
		} else if (type === SCM_PIDFD) {
			brought.pidfdOf = processOf(data.readInt32LE());
		} else if (type === SCM_RIGHTS) {
			for (let offset = 0; offset < data.length; offset += 4) {
				closeDescriptor(data.readInt32LE(offset));
				brought.descriptors += 1;
			}
		}
		at += Math.ceil(length / 8) * 8;
	}
}

/** Receives bytes that are there now, and what comes with them. */
export function receiveBrought(descriptor: number, length: number, flags = 0): Brought {
	const bytes = Buffer.alloc(length);
	const control = Buffer.alloc(512);
	const message = messageHeader(bytes, control);
	const count = transfer('recvmsg', descriptor, message, MSG_CMSG_CLOEXEC | BigInt(flags));
	const brought: Brought = { bytes: bytes.subarray(0, count ?? 0), descriptors: 0 };
	if (count !== undefined) {
		readControl(control.subarray(0, Number(message.header.readBigUInt64LE(40))), brought);
	}
	return brought;
}
