import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** A relay in front of a server, so that the server can die and come back on the same port. */
export interface Gate {
	/** `http://127.0.0.1:port`, always the same. */
	readonly address: string;
	/** Cuts every connection; from then on connections are refused. */
	die(): Promise<void>;
	/** Listens again on the same port. */
	revive(): Promise<void>;
	stop(): Promise<void>;
}

/** @param target the server's address */
export async function startGate(target: string): Promise<Gate> {
	const { hostname, port } = new URL(target);
	const sockets = new Set<Socket>();
	const keep = (socket: Socket): void => {
		sockets.add(socket);
		socket.once('close', () => sockets.delete(socket));
	};
	const reset = (socket: Socket): void => {
		if (socket.destroyed) return;
		// Only a connection that is there can be reset, and a reset waits for what is still to be written.
		if (socket.readyState === 'open' && socket.writableLength === 0) socket.resetAndDestroy();
		else socket.destroy();
	};
	const newServer = (): Server =>
		createServer({ allowHalfOpen: false }, (client) => {
			const server = connect(Number(port), hostname);
			keep(client);
			keep(server);
			client.pipe(server);
			server.pipe(client);
			// A reset behind the gate is a reset in front of it.
			client.on('error', () => reset(server));
			server.on('error', () => reset(client));
			client.once('close', () => server.destroy());
			server.once('close', () => client.destroy());
		});
	const listen = (server: Server, own: number): Promise<void> =>
		new Promise((resolve, reject) => {
			server.once('error', reject);
			server.listen(own, '127.0.0.1', () => {
				server.off('error', reject);
				resolve();
			});
		});

	let server: Server | undefined = newServer();
	await listen(server, 0);
	const own = (server.address() as AddressInfo).port;
	const die = async (): Promise<void> => {
		const dying = server;
		server = undefined;
		if (dying === undefined) return;
		const closed = new Promise((resolve) => dying.close(resolve));
		sockets.forEach(reset);
		await closed;
	};
	return {
		address: `http://127.0.0.1:${own}`,
		die,
		revive: async () => {
			if (server !== undefined) return;
			server = newServer();
			await listen(server, own);
		},
		stop: die,
	};
}
