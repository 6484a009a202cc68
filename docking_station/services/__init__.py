"""What a person may do (业务操作): one file a topic, the same for every face; values in, values out."""
