import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.text.ParseException;
import java.text.SimpleDateFormat;
import java.util.Date;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;

/** The runner's notation of values, read and written by Java's own types. */
final class Notation {
  private Notation() {}

  private static SimpleDateFormat date() {
    return new SimpleDateFormat("yyyyMMdd'T'HH:mm:ss");
  }

  private static String unescape(String text, Charset charset) {
    return URLDecoder.decode(text, charset);
  }

  static String escape(String text, Charset charset) {
    return URLEncoder.encode(text, charset).replace("+", "%20");
  }

  static String escape(String text) {
    return escape(text, StandardCharsets.UTF_8);
  }

  private static Object readScalar(String kind, String text) throws ParseException {
    switch (kind) {
      case "int": return Integer.valueOf(text);
      case "i8": return Long.valueOf(text);
      case "double": return Double.valueOf(text);
      case "boolean": return text.equals("1");
      case "string": return unescape(text, StandardCharsets.UTF_8);
      case "dateTime": return date().parse(text);
      case "base64":
        return unescape(text, StandardCharsets.ISO_8859_1).getBytes(StandardCharsets.ISO_8859_1);
      default: return null;
    }
  }

  static Object read(Iterator<String> lines) throws ParseException {
    String[] words = lines.next().split(" ", 2);
    if (words[0].equals("array")) {
      Object[] items = new Object[Integer.parseInt(words[1])];
      for (int index = 0; index < items.length; index++) items[index] = read(lines);
      return items;
    }
    if (!words[0].equals("struct")) return readScalar(words[0], words.length > 1 ? words[1] : "");
    Map<String, Object> members = new HashMap<>();
    for (int left = Integer.parseInt(words[1]); left > 0; left--) {
      String name = lines.next().split(" ", 2)[1];
      members.put(unescape(name, StandardCharsets.UTF_8), read(lines));
    }
    return members;
  }

  private static String lineOf(Object value) {
    if (value == null) return "nil";
    if (value instanceof Integer) return "int " + value;
    if (value instanceof Long) return "i8 " + value;
    if (value instanceof Double) return "double " + value;
    if (value instanceof Boolean) return "boolean " + ((Boolean) value ? 1 : 0);
    if (value instanceof Date) return "dateTime " + date().format((Date) value);
    if (value instanceof byte[]) {
      String bytes = new String((byte[]) value, StandardCharsets.ISO_8859_1);
      return "base64 " + escape(bytes, StandardCharsets.ISO_8859_1);
    }
    return "string " + escape((String) value);
  }

  static void write(Object value) {
    if (value instanceof Object[]) {
      System.out.println("array " + ((Object[]) value).length);
      for (Object item : (Object[]) value) write(item);
    } else if (value instanceof Map) {
      System.out.println("struct " + ((Map<?, ?>) value).size());
      for (Map.Entry<?, ?> member : ((Map<?, ?>) value).entrySet()) {
        System.out.println("name " + escape((String) member.getKey()));
        write(member.getValue());
      }
    } else {
      System.out.println(lineOf(value));
    }
  }
}
