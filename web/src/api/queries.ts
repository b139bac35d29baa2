import { QueryClient, queryOptions, useQuery } from '@tanstack/react-query';
import { ApiError, api, query, send } from './client.ts';
import type {
  Conversation,
  Folder,
  Group,
  Me,
  Model,
  Preferences,
  Prompt,
  Session,
  WholeConversation,
} from './types.ts';

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 15_000,
      // What the server refused it will refuse again.
      retry: (count, error) => count < 2 && (!(error instanceof ApiError) || error.status >= 500),
    },
  },
});

/** Who is logged in; null for nobody. */
export const sessionQuery = queryOptions({
  queryKey: ['session'],
  queryFn: async (): Promise<Session | null> => (await send('/api/auth/get-session')).json() as Promise<Session | null>,
  staleTime: 60_000,
});
export const setupQuery = queryOptions({
  queryKey: ['setup'],
  queryFn: () => api.get<{ open: boolean; issuers: { id: string; name: string }[] }>('/api/v1/setup'),
  staleTime: Number.POSITIVE_INFINITY,
});
export const meQuery = queryOptions({ queryKey: ['me'], queryFn: () => api.get<Me>('/api/v1/me'), staleTime: 60_000 });
export const preferencesQuery = queryOptions({
  queryKey: ['preferences'],
  queryFn: () => api.get<Preferences>('/api/v1/me/preferences'),
  staleTime: 60_000,
});
export const modelsQuery = queryOptions({
  queryKey: ['models'],
  queryFn: async () => (await api.get<{ data: Model[] }>('/api/v1/models')).data,
  staleTime: 60_000,
});
export const groupsQuery = queryOptions({
  queryKey: ['groups'],
  queryFn: async () => (await api.get<{ data: Group[] }>('/api/v1/routing-groups')).data,
  staleTime: 60_000,
});
export const foldersQuery = queryOptions({
  queryKey: ['folders'],
  queryFn: async () => (await api.get<{ data: Folder[] }>('/api/v1/folders')).data,
});
export const promptsQuery = queryOptions({
  queryKey: ['prompts'],
  queryFn: async () => (await api.get<{ data: Prompt[] }>('/api/v1/prompts')).data,
});
export const conversationQuery = (id: string) =>
  queryOptions({
    queryKey: ['conversation', id],
    queryFn: () => api.get<WholeConversation>(`/api/v1/conversations/${id}`),
  });

export interface ConversationPage {
  data: Conversation[];
  next: string | null;
}
export const conversationsPage = (before: string | null, filter: { folder?: string; pinned?: boolean } = {}) =>
  api.get<ConversationPage>(`/api/v1/conversations${query({ ...filter, before: before ?? undefined, limit: 60 })}`);

export const useMe = () => useQuery(meQuery).data;
export const usePreferences = (): Preferences => useQuery(preferencesQuery).data ?? {};

/** Whether somebody may do something; operators may do everything. */
export const may = (me: Me | undefined, permission: string): boolean =>
  me !== undefined && (me.operator || me.permissions.includes(permission));

/** Keeps a change of how somebody likes the app: here at once, and on the server. */
export async function changePreferences(change: Preferences): Promise<void> {
  queryClient.setQueryData(preferencesQuery.queryKey, (before: Preferences | undefined) => ({ ...before, ...change }));
  queryClient.setQueryData(preferencesQuery.queryKey, await api.patch<Preferences>('/api/v1/me/preferences', change));
}
