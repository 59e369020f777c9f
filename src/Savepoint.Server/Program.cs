using Savepoint.Server.Hosting;

return await ServerRun.RunAsync(args);
