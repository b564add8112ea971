// SPDX-License-Identifier: GPL-2.0-only
import test from 'ava';
import { kernelCommandLine, qemuArguments, type Machine } from '../src/command-line.js';

const machine: Machine = {
	image: '/cache/bzImage',
	init: '/checkout/native/build/guest-init',
	consoleLog: '/logs/console.log',
	accelerator: 'tcg',
	cpus: 2,
	memoryMiB: 2048,
	icount: false,
	acpi: true,
	gdb: false,
	liveFiles: false,
	slowness: 3,
	append: '',
};

function valueOf(words: readonly string[], option: string): string | undefined {
	return words[words.indexOf(option) + 1];
}

const kernelWords = [
	'console=ttyS0 loglevel=7 panic=-1 root=fastipc rootfstype=9p',
	'rootflags=trans=virtio,version=9p2000.L,msize=512000,cache=loose ro',
	'init=/checkout/native/build/guest-init no_timer_check tsc=reliable',
	'watchdog_thresh=30 rcupdate.rcu_cpu_stall_timeout=63',
].join(' ');

test("QEMU's arguments under TCG", (t) => {
	t.deepEqual(qemuArguments(machine), [
		...['-nodefaults', '-no-user-config', '-display', 'none', '-no-reboot', '-machine', 'pc'],
		...['-accel', 'tcg,thread=multi', '-cpu', 'qemu64', '-smp', '2,sockets=2', '-m', '2048M'],
		...['-kernel', '/cache/bzImage', '-append', kernelWords],
		...['-chardev', 'file,id=console,path=/logs/console.log', '-serial', 'chardev:console'],
		...['-fsdev', 'local,id=root,path=/,security_model=none,readonly=on,multidevs=remap'],
		...['-device', 'virtio-9p-pci,fsdev=root,mount_tag=fastipc', '-device', 'virtio-serial-pci'],
		...['-chardev', 'socket,id=command,fd=3'],
		...['-device', 'virtserialport,chardev=command,name=fastipc.command'],
		...['-chardev', 'socket,id=stdin,fd=4'],
		...['-device', 'virtserialport,chardev=stdin,name=fastipc.stdin'],
		...['-chardev', 'socket,id=stdout,fd=5'],
		...['-device', 'virtserialport,chardev=stdout,name=fastipc.stdout'],
		...['-chardev', 'socket,id=stderr,fd=6'],
		...['-device', 'virtserialport,chardev=stderr,name=fastipc.stderr'],
		...['-chardev', 'socket,id=verdict,fd=7'],
		...['-device', 'virtserialport,chardev=verdict,name=fastipc.verdict'],
	]);
});

test("the host's processor under KVM", (t) => {
	const words = qemuArguments({ ...machine, accelerator: 'kvm' });
	t.is(valueOf(words, '-accel'), 'kvm');
	t.is(valueOf(words, '-cpu'), 'host');
});

test('counting instructions', (t) => {
	const words = qemuArguments({ ...machine, icount: true, cpus: 1 });
	t.is(valueOf(words, '-accel'), 'tcg,thread=single');
	t.is(valueOf(words, '-icount'), 'shift=0,sleep=off');
	t.is(valueOf(words, '-cpu'), 'qemu64');
	t.is(valueOf(words, '-smp'), '1,sockets=1');
});

test('waiting for a debugger', (t) => {
	const words = qemuArguments({ ...machine, gdb: true });
	t.true(words.includes('-S'));
	t.is(valueOf(words, '-gdb'), 'tcp:127.0.0.1:1234');
	t.regex(kernelCommandLine({ ...machine, gdb: true }), / nokaslr$/);
});

test('without ACPI', (t) => {
	t.regex(kernelCommandLine({ ...machine, acpi: false }), / acpi=off$/);
});

test('a slower guest gets more patience, within what the kernel takes', (t) => {
	t.regex(kernelCommandLine({ ...machine, slowness: 1 }), /watchdog_thresh=10 .*timeout=21$/);
	t.regex(kernelCommandLine({ ...machine, slowness: 18 }), /watchdog_thresh=60 .*timeout=300$/);
});

test("the user's parameters come last, so that they win", (t) => {
	const line = kernelCommandLine({ ...machine, append: 'root=nothing quiet' });
	t.true(line.endsWith(' root=nothing quiet'));
});

test('files that change during the run', (t) => {
	t.regex(kernelCommandLine({ ...machine, liveFiles: true }), /cache=mmap /);
});

test('paths with commas and spaces', (t) => {
	const consoleLog = '/my logs/a,b/console.log';
	t.true(
		qemuArguments({ ...machine, consoleLog }).includes(
			'file,id=console,path=/my logs/a,,b/console.log',
		),
	);
	const init = '/my checkout/guest-init';
	t.regex(kernelCommandLine({ ...machine, init }), / init="\/my checkout\/guest-init" /);
});
