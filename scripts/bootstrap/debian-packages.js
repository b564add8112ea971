// SPDX-License-Identifier: GPL-2.0-only
// Which of Debian's packages the commands need. It depends on nothing, as bootstrap.js does.
import { asksForHelp, subcommandOf } from './command-line.js';

/**
 * Debian packages, and a file of each that says whether it, or a like of it from elsewhere, is there.
 * A name without a slash is looked up in PATH.
 */
const packages = [
	{ name: 'gcc', file: 'gcc' },
	{ name: 'libc6-dev', file: '/usr/include/stdio.h' },
	{ name: 'make', file: 'make' },
	{ name: 'git', file: 'git' },
	{ name: 'flex', file: 'flex' },
	{ name: 'bison', file: 'bison' },
	{ name: 'bc', file: 'bc' },
	{ name: 'perl', file: 'perl' },
	{ name: 'cpio', file: 'cpio' },
	{ name: 'kmod', file: 'depmod' },
	{ name: 'xz-utils', file: 'xz' },
	{ name: 'libelf-dev', file: '/usr/include/gelf.h' },
	{ name: 'libssl-dev', file: '/usr/include/openssl/opensslv.h' },
	{ name: 'ccache', file: 'ccache' },
	{ name: 'qemu-system-x86', file: 'qemu-system-x86_64' },
	// For the guest, which has the host's programs: tests make file systems and swap areas.
	{ name: 'e2fsprogs', file: 'mkfs.ext4' },
	{ name: 'mount', file: 'losetup' },
	{ name: 'util-linux', file: 'mkswap' },
	// … and load modules.
	{ name: 'kmod', file: 'insmod' },
];

/** By Debian's own names of Open MPI's programs: MPICH has the short ones too. */
const mpiPackages = [
	{ name: 'openmpi-bin', file: 'mpirun.openmpi' },
	{ name: 'libopenmpi-dev', file: 'mpicc.openmpi' },
];

const hpccPackages = [{ name: 'hpcc', file: 'hpcc' }];

/** A bus's daemon and its clients. */
const busPackages = [
	{ name: 'dbus-daemon', file: 'dbus-daemon' },
	{ name: 'dbus-bin', file: 'dbus-monitor' },
];

/** What bus-client is made with, which `npm run bench -- dbus` measures. */
const busClientPackages = [
	{ name: 'libsystemd-dev', file: '/usr/include/systemd/sd-bus.h' },
	{ name: 'libdbus-1-dev', file: '/usr/include/dbus-1.0/dbus/dbus.h' },
	{ name: 'pkgconf', file: 'pkg-config' },
];

/** Programs of other people's that tests put on a bus. */
const clientPackages = [
	// Not systemd-sysv, which would make it the machine's init
	{ name: 'systemd', file: 'busctl' },
	{ name: 'libglib2.0-bin', file: 'gdbus' },
	{ name: 'python3-dbus', file: '/usr/lib/python3/dist-packages/dbus/__init__.py' },
	{ name: 'python3-gi', file: '/usr/lib/python3/dist-packages/gi/__init__.py' },
];

/** What only `npm run kernel -- cross` needs: compilers for other machines. */
const crossCompilers = [
	{ name: 'gcc-aarch64-linux-gnu', file: 'aarch64-linux-gnu-gcc' },
	{ name: 'gcc-riscv64-linux-gnu', file: 'riscv64-linux-gnu-gcc' },
	{ name: 'gcc-powerpc64le-linux-gnu', file: 'powerpc64le-linux-gnu-gcc' },
	{ name: 'gcc-s390x-linux-gnu', file: 's390x-linux-gnu-gcc' },
];

/** What `npm run series -- check` has look at the patches; the rest is the kernel's own. */
const checkPackages = [
	{ name: 'codespell', file: 'codespell' },
	{ name: 'python3', file: 'python3' },
	{ name: 'man-db', file: 'man' },
	{ name: 'groff', file: 'groff' },
	{ name: 'mandoc', file: 'mandoc' },
];

/** What `npm run series -- check --all` compiles with, and what looks at the code besides. */
const longCheckPackages = [
	...crossCompilers,
	{ name: 'sparse', file: 'sparse' },
	{ name: 'coccinelle', file: 'spatch' },
	// The kernel's headers_install copies by it.
	{ name: 'rsync', file: 'rsync' },
];

/** What `npm run series -- mail` tries the mails with. */
const mailPackages = [
	{ name: 'git-email', file: '/usr/lib/git-core/git-send-email' },
	{ name: 'libmailtools-perl', file: '/usr/share/perl5/Mail/Address.pm' },
];

/** The reference that the kernel's reader of D-Bus messages is compared with. */
const libdbusPackages = [{ name: 'libdbus-1-dev', file: '/usr/include/dbus-1.0/dbus/dbus.h' }];

const fuzzPackages = [
	{ name: 'clang', file: 'clang' },
	{ name: 'libclang-rt-dev', file: '/usr/share/doc/libclang-rt-dev' },
];

const dbusTestsPackages = [{ name: 'dbus-tests', file: 'dbus-test-tool' }];

/** The programs whose messages `npm run fuzz -- record` records. */
const trafficPackages = [...busPackages, ...clientPackages, ...dbusTestsPackages];

/**
 * The packages that a command line needs: help is to be had without any.
 * @param {string} verb
 * @param {string[]} parameters
 */
export const packagesFor = (verb, parameters) => {
	if (asksForHelp(verb, parameters)) return [];
	const subcommand = subcommandOf(parameters);
	const benchDbus = verb === 'bench' && subcommand === 'dbus';
	const runsBuses = verb === 'start' || verb === 'test' || benchDbus;
	const benchMpi = verb === 'bench' && subcommand === 'mpi';
	return [
		...packages,
		...(verb === 'start' || benchMpi ? mpiPackages : []),
		...(benchMpi ? hpccPackages : []),
		...(verb === 'test' || verb === 'fuzz' ? libdbusPackages : []),
		...(runsBuses ? busPackages : []),
		...(verb === 'start' || verb === 'test' || benchDbus ? busClientPackages : []),
		...(verb === 'test' ? clientPackages : []),
		...(verb === 'test' && parameters.includes('--dbus-tests') ? dbusTestsPackages : []),
		...(verb === 'fuzz' ? fuzzPackages : []),
		...(verb === 'fuzz' && subcommand === 'record' ? trafficPackages : []),
		...(verb === 'kernel' && subcommand === 'cross' ? crossCompilers : []),
		...(verb === 'test' || (verb === 'series' && subcommand === 'check') ? checkPackages : []),
		...(verb === 'series' && parameters.includes('--all') ? longCheckPackages : []),
		...(verb === 'test' || (verb === 'series' && subcommand === 'mail') ? mailPackages : []),
	];
};
