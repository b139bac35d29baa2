export interface Addressee {
  email: string;
  name: string;
}

/** Mails that a login needs. */
export interface Mailer {
  sendVerification(to: Addressee, url: string): Promise<void>;
  sendPasswordReset(to: Addressee, url: string): Promise<void>;
  sendInvitation(email: string, url: string): Promise<void>;
}

export interface MailerDeps {
  send(mail: { to: { name: string; address: string }; subject: string; text: string }): Promise<void>;
  /** A mail that could not be sent is told of here: whoever asked for it must not learn whether the address is known. */
  onFault(error: unknown): void;
}

/** Writes the mails of a login and sends them in the background. */
export function createMailer({ send: sendMail, onFault }: MailerDeps): Mailer {
  // Not waited for: how long a mail takes would tell whether there is such a person.
  const send = async (to: Addressee, subject: string, lines: string[]): Promise<void> => {
    sendMail({ to: { name: to.name, address: to.email }, subject, text: `${lines.join('\n')}\n` }).catch(onFault);
  };

  return {
    sendVerification: (to, url) =>
      send(to, 'Confirm your address', [
        `Hello ${to.name},`,
        '',
        'confirm that this address is yours by opening this link:',
        '',
        url,
        '',
        'If you did not ask for it, do nothing.',
      ]),
    sendPasswordReset: (to, url) =>
      send(to, 'Choose a new password', [
        `Hello ${to.name},`,
        '',
        'choose a new password within an hour by opening this link:',
        '',
        url,
        '',
        'If you did not ask for it, do nothing: your password stays as it is.',
      ]),
    sendInvitation: (email, url) =>
      send({ email, name: '' }, 'You are invited', [
        'Hello,',
        '',
        'you are invited. Join by opening this link:',
        '',
        url,
      ]),
  };
}
