import de.timroes.axmlrpc.XMLRPCClient;
import de.timroes.axmlrpc.XMLRPCServerException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Paths;
import java.util.Iterator;

/** Makes the calls of a file by aXMLRPC: Client URL FILE */
final class Client {
  private Client() {}

  private static void call(XMLRPCClient client, String name, String method, Object[] params) {
    try {
      Object result = client.call(method, params);
      System.out.println("result " + name);
      Notation.write(result);
    } catch (XMLRPCServerException fault) {
      // The library puts the code behind the text.
      String text = fault.getMessage().replaceFirst(" \\[-?\\d+\\]$", "");
      System.out.println("fault " + name + " " + fault.getErrorNr() + " " + Notation.escape(text));
    } catch (Exception error) {
      System.out.println("error " + name + " " + Notation.escape(error.toString()));
    }
  }

  public static void main(String[] args) throws Exception {
    int flags = XMLRPCClient.FLAGS_8BYTE_INT | XMLRPCClient.FLAGS_NIL;
    XMLRPCClient client = new XMLRPCClient(new URL(args[0]), flags);
    Iterator<String> lines = Files.readAllLines(Paths.get(args[1])).iterator();
    while (lines.hasNext()) {
      String[] words = lines.next().split(" ");
      Object[] params = new Object[Integer.parseInt(words[3])];
      for (int index = 0; index < params.length; index++) params[index] = Notation.read(lines);
      call(client, words[1], words[2], params);
    }
  }
}
