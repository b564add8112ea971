// SPDX-License-Identifier: GPL-2.0-only
import { spawn, type ChildProcess } from 'node:child_process';
import { Duplex } from 'node:stream';
import { portNames, type PortName } from './ports.js';

export const qemuProgram = 'qemu-system-x86_64';

/** How QEMU came to its end. */
export interface QemuEnd {
	/** Its own status; 0 when the guest switched off or reset. */
	exitCode?: number | undefined;
	/** The signal that killed it, such as `SIGKILL`. */
	signal?: string | undefined;
	/** What it, or the attempt to start it, said. */
	message: string;
}

/** A running QEMU. */
export interface QemuProcess {
	/** The host's ends of the guest's ports. */
	ports: Record<PortName, Duplex>;
	/** Settles when QEMU has ended. Never rejects. */
	ended: Promise<QemuEnd>;
	/** Ends QEMU at once. There is nothing in it that would be worth saving. */
	kill: () => void;
}

/**
 * The command that runs QEMU so that it can't outlive this process, however that dies: the kernel
 * kills it when its parent is gone.
 */
export function qemuCommand(qemuArguments: readonly string[]): [string, string[]] {
	return ['setpriv', ['--pdeathsig', 'KILL', '--', qemuProgram, ...qemuArguments]];
}

function takePort(child: ChildProcess, descriptor: number): Duplex {
	const port: unknown = child.stdio[descriptor];
	if (!(port instanceof Duplex)) {
		throw new TypeError(`descriptor ${descriptor} of QEMU is not a socket`);
	}
	// A port breaks when QEMU dies, and QEMU's end says that better.
	return port.on('error', () => port.destroy());
}

function untilEnded(child: ChildProcess): Promise<QemuEnd> {
	let message = '';
	child.stderr?.setEncoding('utf8').on('data', (text: string) => (message += text));
	return new Promise((resolve) => {
		child.once('error', (error) => {
			// There is nobody who would close the other ends.
			child.stdio.forEach((stream) => stream?.destroy());
			resolve({ message: `can't start ${child.spawnfile}: ${error.message}` });
		});
		// "close" would wait for the ports, which may have more to read than QEMU's own words.
		child.once('exit', (exitCode, signal) => {
			const end = () => {
				resolve({
					exitCode: exitCode ?? undefined,
					signal: signal ?? undefined,
					message: message.trim(),
				});
			};
			if (child.stderr === null || child.stderr.closed) {
				end();
			} else {
				child.stderr.once('close', end);
			}
		});
	});
}

/**
 * Starts QEMU with a socket for each port.
 * @param qemuArguments as `qemuArguments()` makes them
 */
export function startQemu(qemuArguments: readonly string[]): QemuProcess {
	const [program, programArguments] = qemuCommand(qemuArguments);
	const child = spawn(program, programArguments, {
		stdio: ['ignore', 'ignore', 'pipe', ...portNames.map(() => 'pipe' as const)],
		// In a session of its own, so that Ctrl-C reaches us alone.
		detached: true,
	});
	return {
		ports: {
			command: takePort(child, 3),
			stdin: takePort(child, 4),
			stdout: takePort(child, 5),
			stderr: takePort(child, 6),
			verdict: takePort(child, 7),
		},
		ended: untilEnded(child),
		kill: () => {
			child.kill('SIGKILL');
		},
	};
}
