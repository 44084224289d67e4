using System.Text;

namespace Optc.Cli.Rendering;

/// <summary>Standard output, or a file that appears only when it is complete.</summary>
internal static class OutputTarget
{
    /// <summary>Lets <paramref name="write"/> fill the file, or standard output when there is none; false, after saying why, where that cannot be written.</summary>
    public static bool TryWrite(string? file, CommandContext context, Action<TextWriter> write)
    {
        try
        {
            if (file is null) write(context.Out);
            else WriteFiles([(file, stream =>
            {
                using var writer = new StreamWriter(stream, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), leaveOpen: true);
                write(writer);
            })], CancellationToken.None);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            context.Error.WriteLine($"optc: {e.Message}");
            return false;
        }
    }

    /// <summary>Writes files that appear, in their order, only when all of them are complete. Of a link the target is replaced.</summary>
    /// <exception cref="OperationCanceledException">Interrupted; no file was touched.</exception>
    public static void WriteFiles(IReadOnlyList<(string File, Action<Stream> Write)> files, CancellationToken cancellation)
    {
        (string Target, string Written, bool IsWhole)[] places = [.. files.Select(f => Place(f.File))];
        try
        {
            for (int i = 0; i < files.Count; i++)
            {
                using var stream = new InterruptibleFile(places[i].Written, cancellation);
                files[i].Write(stream);
            }
            foreach ((string target, string written, bool isWhole) in places)
            {
                if (isWhole) File.Move(written, target, overwrite: true);
            }
        }
        finally
        {
            foreach ((_, string written, bool isWhole) in places)
            {
                if (isWhole) File.Delete(written);
            }
        }
    }

    /// <summary>Where a file ends up, where it is written before, and whether it is moved from there as a whole.</summary>
    private static (string Target, string Written, bool IsWhole) Place(string file)
    {
        string target = Path.GetFullPath(file);
        // A device or an open pipe is written to; a rename would put a file in its place.
        if (IsDevice(target)) return (target, target, false);
        if (new FileInfo(target).LinkTarget is not null && File.ResolveLinkTarget(target, returnFinalTarget: true) is { } link) target = link.FullName;
        // In the same folder, so that the rename stays in one file system.
        return (target, $"{target}.{Environment.ProcessId}.tmp", true);
    }

    private static bool IsDevice(string path) =>
        !OperatingSystem.IsWindows() && (path.StartsWith("/dev/", StringComparison.Ordinal) || path.StartsWith("/proc/", StringComparison.Ordinal));

    /// <summary>A file whose writing Ctrl-C interrupts.</summary>
    private sealed class InterruptibleFile(string path, CancellationToken cancellation) : FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None, 1 << 16)
    {
        public override void Write(byte[] buffer, int offset, int count)
        {
            cancellation.ThrowIfCancellationRequested();
            base.Write(buffer, offset, count);
        }

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            cancellation.ThrowIfCancellationRequested();
            base.Write(buffer);
        }
    }
}
