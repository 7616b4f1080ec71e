using System.Runtime.CompilerServices;
using Sbc.Network.Native;
using Sbc.Runtime;

namespace Sbc.Network;

/// <summary>
/// Chooses the socket of a reuseport group by the source's address alone (IPv4 address, IPv6 /64), whatever its port,
/// so that a source's budget lives in one worker.
/// </summary>
/// <param name="workers">Sockets in the group.</param>
/// <param name="key">Random, of the process: a stranger can't compute which sources share a worker.</param>
/// <remarks>
/// Classic BPF, which needs no privilege. In a reuseport program offset 0 is the UDP payload; the IP header is reached
/// through SKF_NET_OFF. An ICMP error has no such program: the kernel gives it to the socket the 4-tuple hashes to.
/// </remarks>
public sealed unsafe class SourceSteering(int workers, ulong key)
{
    // From linux/bpf_common.h and linux/filter.h.
    private const ushort LoadWordAt = 0x20, LoadXMemory = 0x61, Store = 0x02, CopyToX = 0x07, ReturnA = 0x16;
    private const ushort Add = 0x0C, MultiplyBy = 0x24, ModuloBy = 0x94, ShiftRightBy = 0x74;
    private const ushort XorWith = 0xA4, XorX = 0xAC;
    private const uint NetworkHeader = 0xFFF0_0000; // SKF_NET_OFF = -0x100000
    private const uint FinalMultiplier = 0x85EB_CA6B; // of MurmurHash3's finalizer

    private readonly uint _mask = (uint)key;
    private readonly uint _multiplier = (uint)(key >> 32) | 1;

    /// <summary>Sockets in the group.</summary>
    public int Workers { get; } = workers;

    /// <summary>The worker the kernel's program chooses for this source.</summary>
    public int WorkerOf(in TransportAddress source)
    {
        uint hash;
        if (source.IsIPv4)
        {
            hash = (source.IPv4 ^ _mask) * _multiplier;
        }
        else
        {
            hash = ((uint)(source.High >> 32) ^ _mask) * _multiplier;
            hash = ((uint)source.High + hash) * _multiplier;
        }
        hash ^= hash >> 16;
        hash *= FinalMultiplier;
        hash ^= hash >> 15;
        return (int)(hash % (uint)Workers);
    }

    /// <summary>The same as instructions for the kernel.</summary>
    internal FilterInstruction[] Program(bool isIPv4)
    {
        FilterInstruction[] source = isIPv4
            ? [new(LoadWordAt, 0, 0, NetworkHeader + 12), new(XorWith, 0, 0, _mask), new(MultiplyBy, 0, 0, _multiplier)]
            :
            [
                new(LoadWordAt, 0, 0, NetworkHeader + 8), new(XorWith, 0, 0, _mask),
                new(MultiplyBy, 0, 0, _multiplier), new(Store, 0, 0, 0),
                new(LoadWordAt, 0, 0, NetworkHeader + 12), new(LoadXMemory, 0, 0, 0), new(Add, 0, 0, 0),
                new(MultiplyBy, 0, 0, _multiplier),
            ];
        return
        [
            .. source,
            new(CopyToX, 0, 0, 0), new(ShiftRightBy, 0, 0, 16), new(XorX, 0, 0, 0),
            new(MultiplyBy, 0, 0, FinalMultiplier),
            new(CopyToX, 0, 0, 0), new(ShiftRightBy, 0, 0, 15), new(XorX, 0, 0, 0),
            new(ModuloBy, 0, 0, (uint)Workers), new(ReturnA, 0, 0, 0),
        ];
    }

    /// <summary>Attaches to the group of a socket. Returns errno, 0 when it holds.</summary>
    internal int Attach(int descriptor, bool isIPv4)
    {
        Check.That(Unsafe.SizeOf<FilterInstruction>() == 8);
        FilterInstruction[] instructions = Program(isIPv4);
        fixed (FilterInstruction* first = instructions)
        {
            var program = new FilterProgram { Count = (ushort)instructions.Length, Instructions = first };
            int result = SocketCalls.SetOption(
                descriptor, SocketNumbers.LevelSocket, SocketNumbers.AttachReusePortFilter,
                &program, (uint)sizeof(FilterProgram));
            return result < 0 ? Errno.Last : 0;
        }
    }
}
