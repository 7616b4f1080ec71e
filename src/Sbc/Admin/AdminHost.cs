using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Sbc.Network;
using Sbc.Program.Serving;
using Sbc.Runtime;

namespace Sbc.Program.Admin;

/// <summary>The HTTP server of the admin interface.</summary>
/// <remarks>
/// The empty builder and not the slim one, which would read appsettings.json of the current folder and ASPNETCORE_
/// variables, and log to the console. No console lifetime: SIGTERM would end it before the drain.
/// </remarks>
public sealed class AdminHost : IAsyncDisposable
{
    private const int ConnectionsMax = 128;
    private const int BodyBytesMax = 1024;
    private const int AddressInUse = 98;
    private const int AddressNotOurs = 99;
    private const int NotPermitted = 13;

    private readonly WebApplication _app;
    private readonly TransportAddress _listen;

    public AdminHost(Server server)
    {
        _listen = server.Config.Admin.Listen;
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxConcurrentConnections = ConnectionsMax;
            kestrel.Limits.MaxRequestBodySize = BodyBytesMax;
            kestrel.Listen(EndPoint(_listen));
        });
        builder.Services.AddRoutingCore();
        builder.Services.AddSingleton<IHostLifetime, NoLifetime>();
        _app = builder.Build();
        _app.Use(new AdminGate(() => server.Config.Admin.Token, server.Log).InvokeAsync);
        new AdminPages(server).Map(_app);
    }

    /// <summary>With the real port where 0 was asked for.</summary>
    public string Url { get; private set; } = "";

    /// <exception cref="NetworkException">The address is taken or not ours.</exception>
    public async Task StartAsync()
    {
        try
        {
            await _app.StartAsync();
        }
        catch (Exception broken) when (broken is IOException or SocketException)
        {
            throw new NetworkException($"cannot bind admin http://{_listen}", NumberOf(broken));
        }
        IServer server = _app.Services.GetRequiredService<IServer>();
        Url = server.Features.Get<IServerAddressesFeature>()!.Addresses.First();
    }

    public async ValueTask DisposeAsync()
    {
        // Not to wait for a client that holds its connection.
        using var now = new CancellationTokenSource(TimeSpan.FromSeconds(1));
        await _app.StopAsync(now.Token);
        await _app.DisposeAsync();
    }

    private static int NumberOf(Exception broken) => broken switch
    {
        { InnerException: AddressInUseException } => AddressInUse,
        SocketException { SocketErrorCode: SocketError.AddressNotAvailable } => AddressNotOurs,
        SocketException { SocketErrorCode: SocketError.AccessDenied } => NotPermitted,
        { InnerException: { } inner } => NumberOf(inner),
        _ => AddressInUse,
    };

    private static IPEndPoint EndPoint(in TransportAddress address)
    {
        Span<byte> bytes = stackalloc byte[16];
        var ip = new IPAddress(bytes[..address.WriteAddressBytes(bytes)]);
        return new IPEndPoint(ip, address.Port);
    }

    /// <summary>Signals are the run command's.</summary>
    private sealed class NoLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
