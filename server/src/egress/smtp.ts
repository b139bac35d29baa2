import type { SmtpServer } from '../core/smtp-server.ts';

export interface Mail {
  to: { name: string; address: string } | string[];
  subject: string;
  text: string;
}

/** Sends one mail; rejects when the server does not take it. */
export type SendMail = (mail: Mail) => Promise<void>;

/** Sends plain-text mails by SMTP. Over an unencrypted connection no password is sent. */
export function createSmtp({ host, port, secure, user, password, from }: SmtpServer): SendMail {
  const connect = async () => {
    const { createTransport } = await import('nodemailer');
    return createTransport({
      host,
      port,
      secure,
      ...(user !== undefined && { auth: { user, pass: password ?? '' }, requireTLS: !secure }),
      connectionTimeout: 10_000,
      greetingTimeout: 10_000,
      socketTimeout: 30_000,
      disableFileAccess: true,
      disableUrlAccess: true,
    });
  };
  let transport: ReturnType<typeof connect> | undefined;
  return async (mail) => {
    transport ??= connect();
    await (await transport).sendMail({ from, ...mail });
  };
}
