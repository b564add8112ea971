// SPDX-License-Identifier: GPL-2.0-only
// Several subjects in one file for AVA: to start another takes seconds in the guest.
import '../../src/dbus/mount-unpacked.js';

import test from 'ava';
import { endSharedWayBuses } from '../../src/dbus/both-ways.js';

import './attack.js';
import './bindings.js';
import './credentials.js';
import './flows-end.js';
import './handed-on.js';
import './hostile.js';
import './monitors.js';
import './names.js';
import './order.js';
import './policy-changes.js';
import './policy.js';
import './programs.js';
import './replies.js';
import './same-bytes.js';
import './stopped.js';

test.after.always(endSharedWayBuses);
