namespace Optc.Runtime.Tests.Models;

/// <summary>A clock that stands still until it is moved.</summary>
internal sealed class CountingClock : TimeProvider
{
    /// <summary>Seconds since the beginning.</summary>
    public long Now { get; set; }

    public override long TimestampFrequency => 1;

    public override long GetTimestamp() => Now;
}
