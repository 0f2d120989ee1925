/** What the interface says of itself: OpenRPC, OpenAPI, and a page that shows and tries the latter, from this server alone. */

import helmet from '@fastify/helmet';
import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { FastifyInstance } from 'fastify';
import { createOpenApi } from './description/openapi.ts';
import { DOCUMENT_UNITS } from './weights.ts';

/**
 * What the page may load: from this server only, and nothing from within itself. Its styles are set by scripts, which no
 * policy is asked about; images of the interface stand in its style sheets.
 */
const POLICY = {
  useDefaults: false,
  directives: {
    defaultSrc: ["'none'"],
    scriptSrc: ["'self'"],
    styleSrc: ["'self'"],
    imgSrc: ["'self'", 'data:'],
    connectSrc: ["'self'"],
    baseUri: ["'none'"],
    formAction: ["'none'"],
    frameAncestors: ["'none'"],
  },
};

/** Adds /openrpc.json, /openapi.json and /docs. */
export async function addDocs(server: FastifyInstance, openRpc: object): Promise<void> {
  const openApi = createOpenApi();
  const config = { units: DOCUMENT_UNITS };
  server.get('/openrpc.json', { config }, () => openRpc);
  server.get('/openapi.json', { config }, () => openApi);
  await server.register(async (scope) => {
    scope.addHook('onRoute', (route) => {
      route.config = { ...route.config, units: DOCUMENT_UNITS };
    });
    await scope.register(helmet, {
      contentSecurityPolicy: POLICY,
      // The proxy in front has the certificate, and says it for all of its host.
      strictTransportSecurity: false,
      frameguard: { action: 'deny' },
      referrerPolicy: { policy: 'no-referrer' },
    });
    // Its type knows OpenAPI 3.0 only; it passes the document on as it is.
    await scope.register(swagger, { mode: 'static', specification: { document: openApi as never } });
    await scope.register(swaggerUi, {
      routePrefix: '/docs',
      theme: { title: 'Quittance sequencer' },
      uiConfig: {
        deepLinking: true,
        docExpansion: 'list',
        defaultModelsExpandDepth: 0,
        tryItOutEnabled: true,
        layout: 'BaseLayout',
      },
    });
  });
}
