// SPDX-License-Identifier: GPL-2.0-only
// What every `npm run …` goes through first. It depends on nothing but Node, so that the first
// command on a fresh machine works: it brings the npm and Debian packages, then runs the verb.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { packagesFor } from './bootstrap/debian-packages.js';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const verbs = ['start', 'test', 'vm', 'bench', 'fuzz', 'kernel', 'series'];

/** @param {string} text */
const say = (text) => process.stderr.write(`fastipc: ${text}\n`);

/**
 * @param {string} text
 * @returns {never}
 */
const fail = (text) => {
	say(text);
	process.exit(1);
};

/**
 * Runs a command with its output on standard error: standard output is for the verb's results.
 * @param {string} command
 * @param {string[]} parameters
 */
const run = (command, parameters) => {
	say(`$ ${[command, ...parameters].join(' ')}`);
	const { status, error } = spawnSync(command, parameters, {
		cwd: root,
		stdio: ['ignore', 2, 2],
		env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
	});
	return error === undefined && status === 0;
};

/** @param {string} file */
const isThere = (file) => {
	if (file.includes('/')) return existsSync(file);
	// Administrators' programs are not in everybody's PATH.
	const directories = [...(process.env['PATH'] ?? '').split(path.delimiter), '/usr/sbin', '/sbin'];
	return directories.some((directory) => existsSync(path.join(directory, file)));
};

const checkNode = () => {
	const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
	if (major < 20 || (major === 20 && minor < 10)) {
		fail(`Node ${process.versions.node} is too old: 20.10 or newer is needed.`);
	}
	if (process.platform !== 'linux' || process.arch !== 'x64') {
		fail(`this runs on Linux on x86-64, not on ${process.platform} on ${process.arch}.`);
	}
};

// A stamp with the lock file's hash tells in a millisecond what `npm ls` would take seconds for.
const installNodePackages = () => {
	const stamp = path.join(root, 'node_modules', '.fastipc-installed');
	const wanted = createHash('sha256')
		.update(readFileSync(path.join(root, 'package-lock.json')))
		.digest('hex');
	if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
	say('the packages from npm are missing or not those of package-lock.json');
	if (!run('npm', ['ci', '--no-audit', '--no-fund'])) {
		fail('npm ci failed (above). Is the npm registry reachable? (npm config get registry)');
	}
	writeFileSync(stamp, wanted);
};

/** @param {{ name: string, file: string }[]} wanted */
const installDebianPackages = (wanted) => {
	const missing = wanted.filter(({ file }) => !isThere(file)).map(({ name }) => name);
	if (missing.length === 0) return;
	const install = ['install', '--yes', '--no-install-recommends', ...missing];
	if (!isThere('apt-get')) {
		fail(
			`these programs are missing (by the names of their Debian packages): ${missing.join(' ')}`,
		);
	}
	if (process.getuid?.() !== 0) {
		fail(`Debian packages are missing. Install them, and run this again:
  sudo apt-get update && sudo apt-get ${install.join(' ')}`);
	}
	if (!run('apt-get', ['update', '--quiet']) || !run('apt-get', ['--quiet', ...install])) {
		fail(`apt-get failed (above). Missing are: ${missing.join(' ')}`);
	}
};

/**
 * @param {string} verb
 * @param {string[]} parameters
 */
const runVerb = (verb, parameters) => {
	const script = path.join(root, 'scripts', 'src', `${verb}.ts`);
	const child = spawn(
		process.execPath,
		['--conditions=fastipc-source', '--import=tsx', script, ...parameters],
		{ stdio: 'inherit' },
	);
	for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
		// A terminal's interrupt reaches the verb by itself: twice would mean «at once».
		process.on(signal, () => {
			if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal);
		});
	}
	child.on('error', (error) => fail(`can't run ${process.execPath}: ${error.message}`));
	child.on('exit', (status, signal) => {
		if (signal === null) process.exit(status ?? 1);
		process.removeAllListeners(signal);
		process.kill(process.pid, signal);
	});
};

const [verb, ...parameters] = process.argv.slice(2);
if (verb === undefined || !verbs.includes(verb)) {
	fail(`'${verb ?? ''}' is no command. There are: ${verbs.join(', ')}.`);
} else {
	checkNode();
	installNodePackages();
	installDebianPackages(packagesFor(verb, parameters));
	runVerb(verb, parameters);
}
