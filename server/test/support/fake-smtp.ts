import { type AddressInfo, createServer, type Server } from 'node:net';

export interface Mail {
  to: string;
  subject: string;
  text: string;
}

/** A mail server that keeps what it is given. */
export async function fakeSmtp() {
  const mails: Mail[] = [];
  const waiting: (() => void)[] = [];
  const server: Server = createServer((socket) => {
    let to = '';
    let data: string[] | undefined;
    let rest = '';
    socket.write('220 test\r\n');
    socket.on('error', () => {});
    socket.setEncoding('utf8').on('data', (chunk: string) => {
      const lines = (rest + chunk).split('\r\n');
      rest = lines.pop()!;
      for (const line of lines) {
        if (data) {
          if (line !== '.') data.push(line);
          else {
            const body = data.slice(data.indexOf('') + 1).join('\n');
            const subject = data.find((header) => /^Subject: /i.test(header))?.slice(9) ?? '';
            mails.push({ to, subject, text: body.replace(/=\n/g, '').replace(/=3D/g, '=') });
            data = undefined;
            socket.write('250 kept\r\n');
            for (const wake of waiting.splice(0)) wake();
          }
        } else if (/^DATA/i.test(line)) {
          data = [];
          socket.write('354 go on\r\n');
        } else if (/^QUIT/i.test(line)) socket.end('221 bye\r\n');
        else {
          to = /^RCPT TO:<([^>]*)>/i.exec(line)?.[1] ?? to;
          socket.write('250 ok\r\n');
        }
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    mails,
    async next(to: string): Promise<Mail> {
      for (;;) {
        const found = mails.findIndex((mail) => mail.to === to);
        if (found !== -1) return mails.splice(found, 1)[0]!;
        await new Promise<void>((resolve) => waiting.push(resolve));
      }
    },
    close: () => server.close(),
  };
}
