#!/usr/bin/env node
// SPDX-License-Identifier: GPL-2.0-only
import process from 'node:process';

import { runDbusCommand } from '../dist/src/dbus-command/run.js';

const { output, errors, status } = runDbusCommand(process.argv.slice(2));
process.stdout.write(output);
process.stderr.write(errors);
process.exitCode = status;
