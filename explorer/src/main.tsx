/** Starts the page. */

import { render } from 'preact';
import { App } from './app.tsx';
import { endpoints } from './data/endpoints.ts';
import { narrowPolicy } from './data/policy.ts';
import { keepListening } from './data/socket.ts';
import { startTheme } from './parts/theme.ts';

narrowPolicy(endpoints);
startTheme();
const root = document.getElementById('app')!;
root.replaceChildren();
render(<App />, root);
if (endpoints.rpc !== undefined) keepListening(endpoints.rpc);
