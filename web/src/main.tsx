import { CSPProvider } from '@base-ui/react/csp-provider';
import { Tooltip } from '@base-ui/react/tooltip';
import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import './app.css';
import { ApplyBranding } from './api/branding.ts';
import { lookHere } from './api/look.ts';
import { queryClient } from './api/queries.ts';
import { router } from './app/router.tsx';
import { startLanguages } from './i18n/index.ts';
import { Toasts } from './ui/toast.tsx';

await startLanguages(lookHere().language);

createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <CSPProvider disableStyleElements>
      <QueryClientProvider client={queryClient}>
        <ApplyBranding />
        <Tooltip.Provider>
          <Toasts>
            <RouterProvider router={router} />
          </Toasts>
        </Tooltip.Provider>
      </QueryClientProvider>
    </CSPProvider>
  </StrictMode>,
);
