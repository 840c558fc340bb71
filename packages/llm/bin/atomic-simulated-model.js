#!/usr/bin/env node
// Not built: npm links a package's command when it installs, and that is before the build.
import "../dist/simulated/bin.js";
