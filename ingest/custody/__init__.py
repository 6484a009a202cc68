"""What keeps sealed evidence true (保管): acts, retention, verification, repair, time stamps, rebuild."""
