// SPDX-License-Identifier: GPL-2.0-only
import { firstPortDescriptor, portNames } from './ports.js';

/** KVM runs the guest on the host's processor, TCG translates its instructions. */
export type Accelerator = 'kvm' | 'tcg';

/** What QEMU is told about one run. */
export interface Machine {
	/** Path of the bzImage. */
	image: string;
	/** Path of guest-init, on the host and, the root being the host's, in the guest. */
	init: string;
	/** Path of the file that the serial console is written to. */
	consoleLog: string;
	accelerator: Accelerator;
	/** At least 1. */
	cpus: number;
	memoryMiB: number;
	/** The guest's clock counts instructions: 1 ns each. One processor only, under TCG only. */
	icount: boolean;
	/** Without ACPI the kernel interprets no AML, which takes longer than a boot under KASAN. */
	acpi: boolean;
	/** Waits at the first instruction for a debugger on port 1234. */
	gdb: boolean;
	/** The host's files may change during the run and the guest has to see it. */
	liveFiles: boolean;
	/** How much slower than under KVM the guest is taken to be: the kernel's patience grows with it. */
	slowness: number;
	/** More parameters for the kernel; of two that contradict, the later wins. */
	append: string;
}

/** The port that QEMU's gdb stub listens on, on the loopback interface. */
export const gdbPort = 1234;

/** Tag of the 9p file system, and so the kernel's name for the root. */
const rootTag = 'fastipc';

// In QEMU's options a comma ends the value; doubled it stands for itself.
function escapeCommas(value: string): string {
	return value.replaceAll(',', ',,');
}

function quoteParameter(name: string, value: string): string {
	return /\s/.test(value) ? `${name}="${value}"` : `${name}=${value}`;
}

// The kernel's own limits for a soft lockup (half of it in seconds, at most 60) and an RCU stall.
function patience(slowness: number): string[] {
	const lockup = Math.min(60, 10 * slowness);
	const stall = Math.min(300, 21 * slowness);
	return [`watchdog_thresh=${lockup}`, `rcupdate.rcu_cpu_stall_timeout=${stall}`];
}

/**
 * The kernel's command line.
 *
 * `loglevel=7` lets everything but debugging messages through to the console. Less would be faster
 * by a tenth of a second, but the stacks of hung tasks and stalls are printed as information.
 * `panic=-1` resets at once, and QEMU exits on that for it has `-no-reboot`. `cache=loose` lets the
 * guest keep what it has read of the host's files, which halves the time that node takes to load
 * modules; `cache=mmap` asks the host again at each open.
 */
export function kernelCommandLine(machine: Machine): string {
	const cache = machine.liveFiles ? 'mmap' : 'loose';
	return [
		'console=ttyS0',
		'loglevel=7',
		'panic=-1',
		`root=${rootTag}`,
		'rootfstype=9p',
		`rootflags=trans=virtio,version=9p2000.L,msize=512000,cache=${cache}`,
		'ro',
		quoteParameter('init', machine.init),
		// The boot's checks of timers against each other fail where the host has other work to do.
		'no_timer_check',
		'tsc=reliable',
		...patience(machine.slowness),
		...(machine.acpi ? [] : ['acpi=off']),
		...(machine.gdb ? ['nokaslr'] : []),
		...(machine.append === '' ? [] : [machine.append]),
	].join(' ');
}

function processorArguments({ accelerator, cpus, icount }: Machine): string[] {
	// Each in a socket of its own: the table that a kernel without ACPI reads has one per socket.
	const processors = ['-smp', `${cpus},sockets=${cpus}`];
	if (accelerator === 'kvm') {
		return ['-accel', 'kvm', '-cpu', 'host', ...processors];
	}
	// Of TCG's models `max` has the short rep movsb, which it interprets byte by byte.
	const model = ['-cpu', 'qemu64', ...processors];
	return icount
		? ['-accel', 'tcg,thread=single', '-icount', 'shift=0,sleep=off', ...model]
		: ['-accel', 'tcg,thread=multi', ...model];
}

function portArguments(): string[] {
	return portNames.flatMap((name, index) => [
		'-chardev',
		`socket,id=${name},fd=${firstPortDescriptor + index}`,
		'-device',
		`virtserialport,chardev=${name},name=fastipc.${name}`,
	]);
}

/**
 * QEMU's arguments. The root is the host's `/`, read-only, over 9p; the ports are sockets that QEMU
 * inherits, so that nothing of them lies in the file system.
 */
export function qemuArguments(machine: Machine): string[] {
	return [
		...['-nodefaults', '-no-user-config', '-display', 'none', '-no-reboot', '-machine', 'pc'],
		...processorArguments(machine),
		...['-m', `${machine.memoryMiB}M`],
		...['-kernel', machine.image, '-append', kernelCommandLine(machine)],
		...['-chardev', `file,id=console,path=${escapeCommas(machine.consoleLog)}`],
		...['-serial', 'chardev:console'],
		'-fsdev',
		'local,id=root,path=/,security_model=none,readonly=on,multidevs=remap',
		...['-device', `virtio-9p-pci,fsdev=root,mount_tag=${rootTag}`],
		...['-device', 'virtio-serial-pci', ...portArguments()],
		...(machine.gdb ? ['-S', '-gdb', `tcp:127.0.0.1:${gdbPort}`] : []),
	];
}
