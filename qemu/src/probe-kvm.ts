// SPDX-License-Identifier: GPL-2.0-only
import { execa } from 'execa';
import type { ProbeResult } from './accelerator.js';
import { qemuCommand } from './qemu-process.js';

/** A kernel that runs comes to the missing root in less than half a second. */
const probeSeconds = 4;

/** The kernel's words when it has come through its whole boot without finding a root. */
const reachedTheEnd = 'Unable to mount root';

/**
 * Boots a kernel without a root under KVM, and sees whether it gets as far as missing it. An
 * unusable KVM shows in many ways: QEMU ends with an error, aborts, or the guest spins for ever.
 * @param image path of the bzImage
 */
export async function probeKvm(image: string): Promise<ProbeResult> {
	const [program, programArguments] = qemuCommand([
		...['-nodefaults', '-no-user-config', '-display', 'none', '-no-reboot', '-machine', 'pc'],
		...['-accel', 'kvm', '-cpu', 'host', '-m', '512M', '-serial', 'stdio'],
		...['-kernel', image, '-append', 'console=ttyS0 loglevel=5 panic=-1 root=nothing'],
	]);
	const result = await execa(program, programArguments, {
		stdin: 'ignore',
		reject: false,
		timeout: probeSeconds * 1000,
		killSignal: 'SIGKILL',
		detached: true,
	});
	if (result.stdout.includes(reachedTheEnd)) {
		return { works: true, because: 'a kernel booted under KVM' };
	}
	if (result.timedOut) {
		return { works: false, because: `no kernel booted under KVM within ${probeSeconds} s` };
	}
	const said = result.stderr.trim().split('\n').at(-1) ?? '';
	return { works: false, because: `QEMU ended under KVM without booting a kernel: ${said}` };
}
